// A name -> its feature numbers in the model: substrings of its label, and counts about it, hashed into a table of fixed size.

/** Number of weights in the model. */
export const MODEL_SIZE = 1 << 17
/** Longest substring of a label, with marks for its start and end. */
const LONGEST_PIECE = 6
const LONGEST_LABEL = 63

const MARKS = { vowel: 86, consonant: 67, digit: 68, other: 45 } as const

/** Writes the features of a label under a public suffix to `out`. @returns their number */
export function featuresOf(label: string, suffix: string, out: Uint32Array): number {
  const text = `^${label.slice(0, LONGEST_LABEL)}$`
  let count = 0
  const add = (hash: number): void => {
    out[count++] = scramble(hash) & (MODEL_SIZE - 1)
  }
  const marks = shapeOf(text)
  for (let at = 0; at < text.length; at++) {
    let piece = START
    let shape = step(START, 1)
    for (let length = 1; length <= 8 && at + length <= text.length; length++) {
      if (length <= LONGEST_PIECE) {
        piece = step(piece, text.charCodeAt(at + length - 1))
        if (length > 1) add(piece)
      }
      shape = step(shape, marks[at + length - 1])
      if (length === 4 || length === 6 || length === 8) add(shape)
    }
    // A character and the one after the next.
    if (at + 2 < text.length) add(step(step(step(START, 2), text.charCodeAt(at)), text.charCodeAt(at + 2)))
  }
  for (const hash of countsOf(label, suffix)) add(hash)
  return count
}

/** Enough for the features of the longest label. */
export const MOST_FEATURES = (LONGEST_LABEL + 2) * 10 + 32

/** Counts that describe a label, each rounded and hashed together with its kind. */
function countsOf(label: string, suffix: string): number[] {
  const { length } = label
  const letters = new Set<number>()
  let vowels = 0
  let digits = 0
  let dashes = 0
  let rare = 0
  let doubles = 0
  let changes = 0
  let run = 0
  let longestRun = 0
  let highest = 0
  for (let i = 0; i < length; i++) {
    const code = label.charCodeAt(i)
    const mark = markOf(code)
    const before = i > 0 ? label.charCodeAt(i - 1) : 0
    if (mark === MARKS.vowel) vowels++
    else if (mark === MARKS.digit) digits++
    else if (mark === MARKS.other) dashes++
    run = mark === MARKS.consonant ? run + 1 : 0
    longestRun = Math.max(longestRun, run)
    if (RARE.has(code)) rare++
    if (code === before) doubles++
    if (i > 0 && (mark === MARKS.digit) !== (markOf(before) === MARKS.digit)) changes++
    if (mark === MARKS.vowel || mark === MARKS.consonant) highest = Math.max(highest, code)
    letters.add(code)
  }
  const kind = digits > 0 ? (/^[0-9a-f]+$/.test(label) ? 2 : 1) : 0
  let suffixHash = step(START, 3)
  for (let i = 0; i < suffix.length; i++) suffixHash = step(suffixHash, suffix.charCodeAt(i))
  return [
    feature(4, Math.min(length, 40), 0),
    feature(5, Math.min(longestRun, 9), 0),
    feature(6, Math.round((10 * vowels) / length), 0),
    feature(7, Math.min(digits, 8), 0),
    feature(8, length > 14 ? 2 : length > 9 ? 1 : 0, Math.round((10 * letters.size) / length)),
    feature(9, Math.min(changes, 6), 0),
    feature(10, Math.min(dashes, 4), 0),
    feature(11, highest, Math.min(length, 20) >> 1),
    feature(12, letters.size, Math.min(length, 24)),
    feature(13, Math.min(rare, 6), Math.min(length, 32) >> 2),
    feature(14, Math.min(doubles, 5), 0),
    feature(15, kind, Math.min(length, 24) >> 3),
    suffixHash,
    step(step(suffixHash, kind), length >> 2),
    feature(16, kind + (dashes > 0 ? 4 : 0), length >> 2),
  ]
}

/** Letters that are rare in words of most languages. */
const RARE = new Set([...'jkqvwxz'].map((letter) => letter.charCodeAt(0)))
const VOWELS = new Set([...'aeiouy'].map((letter) => letter.charCodeAt(0)))

function markOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return MARKS.digit
  if (code < 0x61 || code > 0x7a) return MARKS.other
  return VOWELS.has(code) ? MARKS.vowel : MARKS.consonant
}

function shapeOf(text: string): number[] {
  return Array.from(text, (_, i) => (i === 0 || i === text.length - 1 ? text.charCodeAt(i) : markOf(text.charCodeAt(i))))
}

function feature(kind: number, value: number, other: number): number {
  return step(step(step(START, kind), value), other)
}

/** FNV-1a, one step for each character. */
const START = 0x811c9dc5
function step(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193)
}

/** The low bits of FNV are too regular for a hash table. */
function scramble(hash: number): number {
  let mixed = hash ^ (hash >>> 15)
  mixed = Math.imul(mixed, 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 12)) >>> 0
}
