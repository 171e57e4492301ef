import { describe, expect, test } from 'vitest'
import { toCode, toMarkdown } from '../../src/report/markdown.ts'

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

test('a code span is never empty', () => {
  expect(toCode('')).toBe('` `')
  expect(toCode('192.0.2.1')).toBe('`192.0.2.1`')
})
