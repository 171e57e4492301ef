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
