// Numbers as people read them, in one locale: the same report has the same bytes on every machine.

/**
 * What formats numbers is made when the first one is to be formatted: the tables behind it take longer to load than most of the program.
 * @param options what differs from plain grouping by thousands
 */
export function numberFormat(options?: Intl.NumberFormatOptions): (value: number) => string {
  let format: Intl.NumberFormat | undefined
  return (value) => {
    format ??= new Intl.NumberFormat('en', options)
    return format.format(value)
  }
}
