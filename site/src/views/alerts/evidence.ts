// alerts.evidence (JSON text) -> measured values and their chart. Anything that does not have the expected shape is left out.
import type { EvidenceChart, Observed } from '../../../../src/detect/engine/finding.ts'

export interface Evidence {
  observed: Observed[]
  picture: EvidenceChart | null
}

/** Most points drawn and most values listed. */
const MOST_POINTS = 500
const MOST_VALUES = 50

/** Beyond this, adding a small step to a double does not change it, so a scale would never end. */
const LARGEST = Number.MAX_SAFE_INTEGER

export function readEvidence(json: string): Evidence {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { observed: [], picture: null }
  }
  const { observed, picture } = recordOf(value)
  return { observed: Array.isArray(observed) ? observed.slice(0, MOST_VALUES).map(readObserved) : [], picture: readPicture(picture) }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function isDrawable(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function readObserved(value: unknown): Observed {
  const { name, value: measured, unit, threshold } = recordOf(value)
  return {
    name: textOf(name),
    value: typeof measured === 'number' ? measured : textOf(measured),
    unit: textOf(unit),
    threshold: typeof threshold === 'number' ? threshold : null,
  }
}

function readPicture(value: unknown): EvidenceChart | null {
  const { kind, x, y, points, threshold, caption } = recordOf(value)
  if ((kind !== 'bars' && kind !== 'dots' && kind !== 'steps') || !Array.isArray(points)) return null
  const numbers = points
    .filter((point): point is [number, number] => Array.isArray(point) && point.length === 2 && point.every(isDrawable))
    .slice(0, MOST_POINTS)
  if (numbers.length === 0) return null
  const line = recordOf(threshold)
  return {
    kind,
    x: { label: textOf(recordOf(x).label), unit: textOf(recordOf(x).unit) },
    y: { label: textOf(recordOf(y).label), unit: textOf(recordOf(y).unit) },
    points: numbers,
    threshold:
      isDrawable(line.value) && (line.axis === 'x' || line.axis === 'y')
        ? { axis: line.axis, value: line.value, label: textOf(line.label) }
        : null,
    caption: textOf(caption),
  }
}
