// Text of a speed -> number. Pure.

const SECONDS: Record<string, number> = {
  '': 1,
  x: 1,
  '×': 1,
  s: 1,
  'ms/s': 1e-3,
  's/s': 1,
  'min/s': 60,
  'h/s': 3600,
  'd/s': 86_400,
  'y/s': 31_557_600,
}

/** Capture seconds per real second; null when the text is no speed. */
export function readSpeed(text: string): number | null {
  const match = /^\s*(\d{1,9}(?:[.,]\d{1,6})?)\s*(x|×|s|(?:ms|s|min|h|d|y)\/s)?\s*$/i.exec(text)
  if (!match) return null
  const speed = Number(match[1].replace(',', '.')) * SECONDS[(match[2] ?? '').toLowerCase()]
  return speed >= 1e-4 && speed <= 1e10 ? speed : null
}
