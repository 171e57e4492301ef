// Names of places -> normalised form for comparison; names of countries in many languages -> their codes.

const LETTERS: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', '&': ' and ' }

/** Lower case without accents, dots and apostrophes; hyphens become spaces. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}|[.'’‘ʼ`]/gu, '')
    .toLowerCase()
    .replace(/[øłđßæœı&]/g, (letter) => LETTERS[letter])
    .replace(/[\s‐–-]+/g, ' ')
    .trim()
}

/** English name by CLDR; short names are e.g. "US" and "UK". */
export function countryName(code: string, style: 'long' | 'short' = 'long'): string {
  return new Intl.DisplayNames(['en'], { type: 'region', style }).of(code) ?? code
}

/** Languages in which names of countries are accepted: the official ones of most countries. */
const LANGUAGES =
  'en de fr es it pt nl pl cs sk hu ro bg el sv nb da fi et lv lt is ga sl hr sr sr-Latn bs mk sq uk ru be tr az ka hy kk uz mn ar he fa ur hi bn ta te th vi id ms fil sw am zh zh-Hant ja ko'

/** Usual names that differ from CLDR's. */
const OTHER_NAMES: Record<string, string> = {
  burma: 'MM',
  myanmar: 'MM',
  congo: 'CG',
  'czech republic': 'CZ',
  'dr congo': 'CD',
  'great britain': 'GB',
  holland: 'NL',
  'ivory coast': 'CI',
  korea: 'KR',
  macao: 'MO',
  turkey: 'TR',
  uae: 'AE',
  usa: 'US',
}

let codesByName: Map<string, string> | undefined

/** ISO 3166-1 alpha-2 of the country with this normalised name in any of the languages; undefined for none. */
export function countryNamed(name: string, codes: Iterable<string>): string | undefined {
  codesByName ??= namesOf(codes)
  return codesByName.get(name)
}

/** If several languages use a name, the first one counts. */
function namesOf(codes: Iterable<string>): Map<string, string> {
  const found = new Map(Object.entries(OTHER_NAMES))
  for (const language of LANGUAGES.split(' ')) {
    for (const style of ['long', 'short'] as const) {
      const names = new Intl.DisplayNames([language], { type: 'region', style, fallback: 'none' })
      for (const code of codes) {
        const name = fold(names.of(code) ?? '')
        if (name !== '' && !found.has(name)) found.set(name, code)
      }
    }
  }
  return found
}
