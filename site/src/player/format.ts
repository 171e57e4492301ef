// Values -> text for people. Everything here returns plain text; nothing makes markup.

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const SIGNIFICANT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const DATE = new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC', year: 'numeric', month: '2-digit', day: '2-digit' })
const TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const COUNTRY = new Intl.DisplayNames('en', { type: 'region' })
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

export function formatCount(value: number): string {
  return COUNT.format(value)
}

export function formatShort(value: number): string {
  return value < 10_000 ? COUNT.format(value) : SHORT.format(value)
}

/** Decimal units: 1 kB is 1000 B. */
export function formatBytes(bytes: number): string {
  let unit = 0
  let value = bytes
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${SIGNIFICANT.format(value)} ${BYTE_UNITS[unit]}`
}

/** Capture seconds per real second, "12.4x". */
export function formatSpeed(speed: number): string {
  return `${SIGNIFICANT.format(speed)}×`
}

/** "2026-03-02", UTC. */
export function formatDate(us: number): string {
  return DATE.format(us / 1000)
}

/** "10:00:03.250", UTC. */
export function formatTime(us: number): string {
  return TIME.format(us / 1000)
}

/** "2026-03-02 10:00:03.250 UTC". */
export function formatInstant(us: number): string {
  return `${formatDate(us)} ${formatTime(us)} UTC`
}

/** "2 h 5 min", "3.2 s", "480 ms": the two largest units. */
export function formatDuration(us: number): string {
  const seconds = us / 1e6
  if (seconds < 1) return `${SIGNIFICANT.format(seconds * 1000)} ms`
  if (seconds < 59.95) return `${SIGNIFICANT.format(seconds)} s`
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return joinUnits(minutes, 'min', whole % 60, 's')
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? joinUnits(hours, 'h', minutes % 60, 'min') : joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small > 0 ? `${large} ${largeUnit} ${small} ${smallUnit}` : `${large} ${largeUnit}`
}

/** English name of a country, or the code itself where there is none. */
export function formatCountry(code: string): string {
  try {
    return COUNTRY.of(code) ?? code
  } catch {
    return code
  }
}

/** One of the control, format (RTL marks ...), surrogate and separator characters that could disturb the text around a hostile name. */
const DISTURBING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A string from the network, its disturbing characters made visible as U+XXXX and its length held. */
export function formatHostile(text: string, longest = 120): string {
  const shown = text.replace(DISTURBING, (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)
  return shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown
}
