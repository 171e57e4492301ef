// Names of the files that raw packets are kept in, as tcpdump makes them (tcpdump(1), -w, -C, -G and -W).

/** How raw packets are kept. */
export interface RawOptions {
  /** May hold strftime conversions, which -G fills in. */
  path: string
  /** -C: a file that has more bytes than this is the last one's turn; null: no limit. */
  maxBytes: number | null
  /** -G: seconds a file; null: no limit. */
  seconds: number | null
  /** -W: how many files; with -C they are used in turn, with -G alone they end the capture. Null: no limit. */
  files: number | null
}

/** @param number of the file since the beginning (or since the last turn of the clock) @param time when the file begins */
export function rawName({ path, maxBytes, seconds, files }: RawOptions, number: number, time: Date): string {
  const named = seconds === null ? path : strftime(path, time)
  if (maxBytes === null) return named
  const digits = files === null ? 0 : String(files - 1).length
  if (number === 0 && (files === null || files === 1)) return named
  return named + String(number).padStart(digits, '0')
}

/** strftime(3) in local time, for the conversions that make sense in a name; others stay as they are. */
function strftime(format: string, time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const dayOfYear = () =>
    Math.round((Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - Date.UTC(time.getFullYear(), 0)) / 86_400_000) + 1
  const conversions: Record<string, () => string> = {
    Y: () => String(time.getFullYear()),
    y: () => two(time.getFullYear() % 100),
    m: () => two(time.getMonth() + 1),
    d: () => two(time.getDate()),
    H: () => two(time.getHours()),
    M: () => two(time.getMinutes()),
    S: () => two(time.getSeconds()),
    F: () => strftime('%Y-%m-%d', time),
    T: () => strftime('%H:%M:%S', time),
    j: () => String(dayOfYear()).padStart(3, '0'),
    s: () => String(Math.floor(time.getTime() / 1000)),
    '%': () => '%',
  }
  return format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => conversions[letter]?.() ?? whole)
}
