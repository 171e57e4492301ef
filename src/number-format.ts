// Numbers -> text in one locale, so that a report has the same bytes on every machine.

/**
 * The formatter is created on first use, because its tables take longer to load than most of the program.
 * @param options differences from plain grouping by thousands
 */
export function numberFormat(options?: Intl.NumberFormatOptions): (value: number) => string {
  let format: Intl.NumberFormat | undefined
  return (value) => {
    format ??= new Intl.NumberFormat('en', options)
    return format.format(value)
  }
}

export const formatCount = numberFormat()
export const formatScaled = numberFormat({ maximumSignificantDigits: 3 })

/** "1 packet", "2 packets". */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** SI units, three digits: 1 kB is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  return formatUnits(bytes, BYTE_UNITS)
}

/** Three digits and a unit; each unit is 1,000 times the one before it. */
export function formatUnits(amount: number, units: readonly string[]): string {
  let value = amount
  let unit = 0
  // 999.5 would be printed as 1,000
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${formatScaled(value)} ${units[unit]}`
}

const DAY_SECONDS = 86_400
const YEAR_DAYS = 365.25
/** Below two years days say more than years. */
const LEAST_DAYS = 730

/** Microseconds; the two largest units, cut: "3 d 4 h", "5 min 12 s"; below a minute three digits: "3.2 s", "480 ms", "12 µs". */
export function formatDuration(us: number): string {
  if (us < 999.5) return `${formatScaled(us)} µs`
  if (us < 999_500) return `${formatScaled(us / 1000)} ms`
  if (us < 60_000_000) return `${formatScaled(Math.min(us / 1_000_000, 59.9))} s`
  const seconds = Math.floor(us / 1_000_000)
  const days = Math.floor(seconds / DAY_SECONDS)
  const years = days < LEAST_DAYS ? 0 : Math.floor(days / YEAR_DAYS)
  const parts: [number, string][] = [
    [years, 'y'],
    [Math.floor(days - years * YEAR_DAYS), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const largest = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(largest, largest + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${formatCount(value)} ${unit}`)
    .join(' ')
}
