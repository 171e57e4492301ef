// Texts with wildcards: * matches any characters, ? matches one; case is ignored. No regular expressions: a filter may come from
// an untrusted link, and a regular expression can be made very slow.

export interface TextPattern {
  test(text: string): boolean
}

/** The whole text must match. */
export function patternOf(pattern: string): TextPattern {
  const wanted = pattern.toLowerCase()
  if (!/[*?]/.test(wanted)) return { test: (text) => text.toLowerCase() === wanted }
  return { test: (text) => matches(text.toLowerCase(), wanted) }
}

/** A word without wildcards matches anywhere within a text; with * or ? the whole text must match. */
export function insidePattern(pattern: string): TextPattern {
  if (/[*?]/.test(pattern)) return patternOf(pattern)
  const wanted = pattern.toLowerCase()
  return { test: (text) => text.toLowerCase().includes(wanted) }
}

/** Matches the whole of a path like `gre/vxlan`, or elements of it that follow each other. */
export function pathPattern(pattern: string): TextPattern {
  const inside = patternOf(`*/${pattern}/*`)
  return { test: (path) => inside.test(`/${path}/`) }
}

/** Backtracks to the last * only, so the time is at most length of text times number of steps. */
function matches(text: string, pattern: string): boolean {
  let at = 0
  let next = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    if (next < pattern.length && pattern[next] === '*') {
      star = next++
      resume = at
    } else if (next < pattern.length && pattern[next] === '?') {
      at = behindCharacter(text, at)
      next++
    } else if (next < pattern.length && pattern[next] === text[at]) {
      at++
      next++
    } else if (star >= 0) {
      next = star + 1
      at = resume = behindCharacter(text, resume)
    } else return false
  }
  while (pattern[next] === '*') next++
  return next === pattern.length
}

/** A character is a code point, as in SQLite's GLOB, not half of a surrogate pair. */
const behindCharacter = (text: string, at: number): number => at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
