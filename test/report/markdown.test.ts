import { describe, expect, test } from 'vitest'
import { toCode, toMarkdown, toMarkdownSentence } from '../../src/report/markdown.ts'

describe('toMarkdown', () => {
  test.each([
    'United States',
    "Côte d'Ivoire",
    'Amazon.com, Inc.',
    '1,234',
    '12.3 %',
    '< 0.1 %',
    '> 99.9 %',
    'At the origin (assumed: Nairobi, Kenya)',
    '2026-09-18 12:00:01.000 UTC',
    'available from https://www.maxmind.com.',
    '',
  ])('%j stays', (text) => {
    expect(toMarkdown(text)).toBe(text)
  })

  test.each([
    ['<b>', '`<b>`'],
    ['a*b*', '`a*b*`'],
    ['a_b_', '`a_b_`'],
    ['[x](y)', '`[x](y)`'],
    ['![x](y)', '`![x](y)`'],
    ['@all', '`@all`'],
    ['#1', '`#1`'],
    ['&lt;', '`&lt;`'],
    ['www.evil.example', '`www.evil.example`'],
    ['http://evil.example', '`http://evil.example`'],
    ['https://www.maxmind.com.evil.example', '`https://www.maxmind.com.evil.example`'],
    ['https://www.maxmind.com/../x', '`https://www.maxmind.com/../x`'],
    ['$x$', '`$x$`'],
    ['a|b', '`a\\x7cb`'],
    ['a\\|b', '`a\\\\x7cb`'],
    ['``x``', '`\\x60\\x60x\\x60\\x60`'],
    ['a\nb', '`a\\x0ab`'],
    ['\u202ea', '`\\u202ea`'],
  ])('%j becomes code', (text, expected) => {
    expect(toMarkdown(text)).toBe(expected)
  })
})

test.each([
  [
    '91 hosts; the busiest is 192.168.10.10 (www.office.example), with 2.4 MB.',
    '91 hosts; the busiest is 192.168.10.10 (`www.office.example`), with 2.4 MB.',
  ],
  ['a_b contacted http://evil.example.', '`a_b` contacted `http://evil.example`.'],
  ['[see here](http://evil.example) | <b>', '`[see` `here](http://evil.example`) `\\x7c` `<b>`'],
  ['`a b`  c', '`\\x60a` `b\\x60`  c'],
  ['less than < 0.1 %', 'less than `<` 0.1 %'],
])('only the words of %j that are no plain text become code', (text, expected) => {
  expect(toMarkdownSentence(text)).toBe(expected)
})

test('a code span is never empty', () => {
  expect(toCode('')).toBe('` `')
  expect(toCode('192.0.2.1')).toBe('`192.0.2.1`')
})
