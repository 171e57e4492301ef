// Texts with wildcards: * stands for any run of characters, ? for one; case does not count. No regular expression: a filter may come
// from a link, and one made to be slow must not be.

export interface TextPattern {
  test(text: string): boolean
}

/** The whole text must match. */
export function patternOf(pattern: string): TextPattern {
  const wanted = pattern.toLowerCase()
  if (!/[*?]/.test(wanted)) return { test: (text) => text.toLowerCase() === wanted }
  return { test: (text) => matches(text.toLowerCase(), wanted) }
}

/** A word is looked for anywhere within a text; one with * or ? must be the whole text. */
export function insidePattern(pattern: string): TextPattern {
  if (/[*?]/.test(pattern)) return patternOf(pattern)
  const wanted = pattern.toLowerCase()
  return { test: (text) => text.toLowerCase().includes(wanted) }
}

/** Goes back to the last * only: at most text times pattern steps. */
function matches(text: string, pattern: string): boolean {
  let at = 0
  let next = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    if (next < pattern.length && pattern[next] === '*') {
      star = next++
      resume = at
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      at++
      next++
    } else if (star >= 0) {
      next = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[next] === '*') next++
  return next === pattern.length
}
