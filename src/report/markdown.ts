// Text of any origin inside Markdown. What could be read as markup, a link or a mention goes into a code span, where nothing is.
import { toPrintable } from './figures.ts'

/** Words and numbers that every Markdown dialect takes as plain text; "<" and ">" only as in "< 0.1 %". */
const PLAIN = /^(?:[\p{L}\p{M}\p{N} ,.;:()'/%+–…°-]|[<>](?= ))*$/u

/** Markdown turns web addresses into links; these two are in our own notices. */
const LINK = /www\.|:\/\//i
const OUR_LINKS = /https:\/\/(?:www\.maxmind\.com|db-ip\.com)(?=\.?(?:[,\s]|$))/g

/** Text as it is if it is harmless, else as a code span. */
export function toMarkdown(text: string): string {
  const own = text.replace(OUR_LINKS, '')
  return PLAIN.test(own) && !LINK.test(own) ? text : toCode(text)
}

/** A sentence of our own with names of others in it: its plain words stay as they are, each other word is a code span. */
export function toMarkdownSentence(text: string): string {
  return text.split(' ').map(toMarkdownWord).join(' ')
}

function toMarkdownWord(word: string): string {
  const [, before, name, after] = /^(\(?)(.*?)(\)?[.,;:]?)$/s.exec(word)!
  return name === '' || toMarkdown(name) === name ? toMarkdown(word) : `${before}${toCode(name)}${after}`
}

/**
 * A code span. Backticks and pipes, which even there end the span or a table's cell, are written out like control characters: dialects do not
 * agree on how to quote them.
 */
export function toCode(text: string): string {
  const inert = toPrintable(text).replaceAll('`', '\\x60').replaceAll('|', '\\x7c')
  return inert.trim() === '' ? '` `' : `\`${inert}\``
}
