// Names as people and programs give them: words, brands, hosts of content networks. None was looked up anywhere.

const WORDS = (
  'garden river stone market bridge north silver cloud paper music travel kitchen forest harbor window summer winter planet coffee bakery ' +
  'design studio report health sport school photo video weather ticket hotel flight train motor house home office school energy solar ' +
  'green blue red black white city village island coast valley mountain lake ocean beach tennis soccer hockey cinema theatre museum gallery ' +
  'library book story letter journal daily weekly times post herald tribune press news radio channel stream game play quest puzzle craft ' +
  'tool parts supply depot store shop outlet trade credit bank invest fund capital insure legal tax account payroll people talent career ' +
  'learn course campus academy science lab data logic code stack cluster server hosting domain mail chat meet share drive vault secure ' +
  'doctor dental clinic pharma vision family baby kids pet animal horse bird wolf tiger lion eagle falcon orange apple lemon cherry'
).split(' ')
const SYLLABLES = 'za vi lo ra mi ko ta ne du be so li pa ri mo xa to fe ga nu sha bri kel dor vex lum'.split(' ')
const ENDINGS = ['com', 'com', 'com', 'com', 'net', 'org', 'io', 'de', 'co.uk', 'fr', 'nl', 'com.br', 'co.jp', 'app', 'dev', 'eu', 'ch']
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789'

type Random = () => number
const pick = <T>(random: Random, from: ArrayLike<T>): T => from[Math.floor(random() * from.length)]!

/** So many characters by chance. */
export const characters = (random: Random, alphabet: string, count: number): string =>
  Array.from({ length: count }, () => pick(random, alphabet)).join('')

/** A made-up company name of two or three syllables. */
export const brand = (random: Random): string =>
  Array.from({ length: 2 + Math.floor(random() * 2) }, () => pick(random, SYLLABLES)).join('')

/** A registrable domain as people choose them. */
export function domain(random: Random): string {
  const ending = pick(random, ENDINGS)
  const kind = random()
  if (kind < 0.25) return `${brand(random)}.${ending}`
  if (kind < 0.4) return `${pick(random, WORDS)}-${pick(random, WORDS)}.${ending}`
  if (kind < 0.5) return `${pick(random, WORDS)}${Math.floor(random() * 100)}.${ending}`
  return `${pick(random, WORDS)}${pick(random, WORDS)}.${ending}`
}

/** Hosts of content networks and clouds: letters by chance, as programs give names. */
export function contentHost(random: Random): string {
  const kind = Math.floor(random() * 7)
  if (kind === 0) return `d${characters(random, ALPHANUMERIC, 13)}.cloudfront.net`
  if (kind === 1) return `e${Math.floor(random() * 99999)}.a.akamaiedge.net`
  if (kind === 2) return `r${Math.floor(random() * 9)}---sn-${characters(random, ALPHANUMERIC, 8)}.googlevideo.com`
  if (kind === 3) return `${characters(random, '0123456789abcdef', 32)}.safeframe.adserver-${brand(random)}.net`
  if (kind === 4) return `prod-eu-west-${Math.floor(random() * 3)}-telemetry-ingest.${brand(random)}-monitoring.com`
  if (kind === 5) return `${brand(random)}-static.s3.eu-central-1.amazonaws.com`
  return `cdn${Math.floor(random() * 20)}.${domain(random)}`
}

/** What a browser asks for to find out whether its network makes up answers. */
export const probeName = (random: Random): string => characters(random, LETTERS, 7 + Math.floor(random() * 9))

/** A generated domain of a malware family: by characters, by hexadecimal digits, or by joining words. */
export function generatedDomain(random: Random, kind: 'letters' | 'alphanumeric' | 'hexadecimal' | 'consonants'): string {
  const ending = pick(random, ['com', 'net', 'org', 'biz', 'info', 'ru', 'cc', 'top', 'xyz'])
  const length = 11 + Math.floor(random() * 9)
  const alphabet = { letters: LETTERS, alphanumeric: ALPHANUMERIC, hexadecimal: '0123456789abcdef', consonants: 'bcdfghjklmnpqrstvwxz' }[
    kind
  ]
  return `${characters(random, alphabet, length)}.${ending}`
}
