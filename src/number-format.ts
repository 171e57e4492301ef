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
