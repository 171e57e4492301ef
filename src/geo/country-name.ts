// ISO 3166-1 code -> the country's name in English.

const COUNTRY = new Intl.DisplayNames('en', { type: 'region' })

/** English name of a country, or the code itself if it has no name. */
export function formatCountry(code: string): string {
  try {
    return COUNTRY.of(code) ?? code
  } catch {
    return code
  }
}
