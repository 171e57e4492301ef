// "48.1,11.5", "48°8'N 11°35'E", "geo:48.1,11.5" -> latitude and longitude.
import { UsageError } from '../errors.ts'

interface Coordinates {
  latitudeDeg: number
  longitudeDeg: number
}

/** Degrees, minutes and seconds; minutes and seconds only with their marks, because "48 8" is two numbers. */
const SIZE = String.raw`((?:\d+\.?\d*|\.\d+))\s*°?\s*(?:(\d+\.?\d*)\s*'\s*)?(?:(\d+\.?\d*)\s*"\s*)?`
/** Signs, or letters of the hemispheres before or after the numbers. */
const NOTATIONS = [`([+-]?)${SIZE}()`, String.raw`([NSEW])\s*${SIZE}()`, `()${SIZE}([NSEW])`].map(
  (angle) => new RegExp(String.raw`^${angle}(?:\s*[,;]\s*|\s+|(?<=[NSEW])|(?=[NSEW]))${angle}$`),
)
/** Only characters that coordinates contain: a mistake in such a text is reported as one. */
const LIKE_COORDINATES = /^(?:[^\p{L}]+|(?=.*\d)[NSEW\d\s.,;+°'"-]+)$/u

/**
 * Latitude first, unless letters show otherwise.
 * @returns null if the text is not coordinates but may be a name
 * @throws UsageError for invalid coordinates
 */
export function parseCoordinates(text: string): Coordinates | null {
  const plain = withPlainMarks(text)
  const match = NOTATIONS.map((notation) => notation.exec(plain)).find((found) => found !== null)
  const found = match === undefined ? null : inOrder(match)
  if (found !== null || (match === undefined && !LIKE_COORDINATES.test(plain))) return found
  throw new UsageError(
    `--origin ${text}: coordinates are "latitude,longitude" in degrees, -90 to 90 and -180 to 180, such as 52.52,13.405 or 52°31'N 13°24'E`,
  )
}

/** A geo: URI (RFC 5870) without its parameters, typographic marks as ASCII, decimal commas as points. */
function withPlainMarks(text: string): string {
  const marks = text
    .trim()
    .replace(/^geo:([^;?]*).*$/i, '$1')
    .toUpperCase()
    .replace(/[′’‘´]/g, "'")
    .replace(/[″”“]|''/g, '"')
    .replace(/[º˚]/g, '°')
    .replace(/−/g, '-')
  const hasDecimalCommas = /^[^,]*\d,\d+[^,]*(;|\s)[^,]*\d,\d+[^,]*$/.test(marks)
  return hasDecimalCommas ? marks.replace(/,/g, '.') : marks
}

function inOrder(match: RegExpExecArray): Coordinates | null {
  const [first, second] = [toAngle(match.slice(1, 6)), toAngle(match.slice(6, 11))]
  const axes = first.axis + second.axis
  if (axes !== '' && axes !== 'NE' && axes !== 'EN') return null
  const [latitudeDeg, longitudeDeg] = axes === 'EN' ? [second.degrees, first.degrees] : [first.degrees, second.degrees]
  return Math.abs(latitudeDeg) <= 90 && Math.abs(longitudeDeg) <= 180 ? { latitudeDeg, longitudeDeg } : null
}

/** NaN if invalid. `axis` is N for a latitude, E for a longitude, empty without a letter. */
function toAngle([before, degrees, minutes = '0', seconds = '0', after]: string[]): { degrees: number; axis: string } {
  const hemisphere = before + after
  const axis = /[NS]/.test(hemisphere) ? 'N' : /[EW]/.test(hemisphere) ? 'E' : ''
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return { degrees: Number.NaN, axis }
  const size = Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600
  // A third of a degree has infinitely many digits; a millionth is 10 cm.
  const rounded = size === Number(degrees) ? size : Number(size.toFixed(6))
  return { degrees: /[SW-]/.test(hemisphere) && rounded !== 0 ? -rounded : rounded, axis }
}
