// Options -> names of raw files, as tcpdump makes them (tcpdump(1), -w, -C, -G and -W).

/** How raw packets are kept. */
export interface RawOptions {
  /** May contain strftime conversions, which -G fills in. */
  path: string
  /** -C: size in bytes after which the next file starts; null: no limit. */
  maxBytes: number | null
  /** -G: seconds per file; null: no limit. */
  seconds: number | null
  /** -W: number of files. With -C they are reused in turn, with -G alone the capture ends after them. Null: no limit. */
  files: number | null
}

/** @param number of the file since the start, or since the last rotation by time @param time when the file begins */
export function rawName({ path, maxBytes, seconds, files }: RawOptions, number: number, time: Date): string {
  const named = seconds === null ? path : strftime(path, time)
  if (maxBytes === null) return named
  const digits = files === null ? 0 : String(files - 1).length
  if (number === 0 && (files === null || files === 1)) return named
  return named + String(number).padStart(digits, '0')
}

/** strftime(3) in local time, for conversions that are useful in names; others are not replaced. */
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
