// The origin that a reader chose, as the link carries it: "52.52,13.41,Berlin, Germany" <-> place. Pure.

/** Where private addresses are drawn. */
export interface Origin {
  name: string
  latitudeDeg: number
  longitudeDeg: number
  /** IANA name, if it is known. */
  timeZone: string | null
}

/** Longest name in a link. */
const LONGEST = 100

export function formatOrigin({ name, latitudeDeg, longitudeDeg }: Origin): string {
  return `${round(latitudeDeg)},${round(longitudeDeg)},${name}`
}

/** Null: the text names no place on the earth. */
export function readOrigin(text: string | undefined): Origin | null {
  const match = /^(-?\d{1,2}(?:\.\d{1,6})?),(-?\d{1,3}(?:\.\d{1,6})?),(.+)$/s.exec(text ?? '')
  if (!match) return null
  const [latitudeDeg, longitudeDeg] = [Number(match[1]), Number(match[2])]
  if (Math.abs(latitudeDeg) > 90 || Math.abs(longitudeDeg) > 180) return null
  return { name: match[3].slice(0, LONGEST), latitudeDeg, longitudeDeg, timeZone: null }
}

const round = (degrees: number) => Math.round(degrees * 1e4) / 1e4
