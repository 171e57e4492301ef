// Two texts -> their order by UTF-16 code units, the same in every locale.
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
