// Lists of JSON, read from bytes: the same values as JSON.parse(), or none.
import { expect, test } from 'vitest'
import { FlatLists } from '../../src/capture/flow-records/flat-list.ts'

const encoder = new TextEncoder()

/** Undefined: it is left to JSON.parse(). */
function read(text: string, lists = new FlatLists()): unknown[] | undefined {
  const bytes = encoder.encode(`xx${text}\n["next"]`)
  const to = 2 + encoder.encode(text).length
  return lists.read(bytes, 2, to) ? lists.values.slice(0, lists.count) : undefined
}

test('texts, whole numbers and null', () => {
  expect(read('["flow",1772323200029295,0,"192.168.10.5",443,"",null]')).toEqual([
    'flow',
    1772323200029295,
    0,
    '192.168.10.5',
    443,
    '',
    null,
  ])
  expect(read('[9007199254740989]')).toEqual([9007199254740989])
  expect(read('[null]')).toEqual([null])
})

test('everything else is left to JSON.parse()', () => {
  const others = [
    '[]',
    '[1',
    '1]',
    '[1]]',
    '[1,]',
    '[,1]',
    '[1 ]',
    '[ 1]',
    '[1 2]',
    '["a"1]',
    '["a]',
    '[a"]',
    '[nul]',
    '[nulll]',
    '[true]',
    '[-1]',
    '[1.5]',
    '[1e3]',
    '[01]',
    '[00]',
    '[9007199254740993]',
    '[99999999999999999999]',
    '["a\\"b"]',
    '["é"]',
    '["a\tb"]',
    `["${'a'.repeat(200)}"]`,
    '[[1]]',
    '{"a":1}',
    '',
    '[',
    '["',
    '[1]\r',
  ]
  for (const text of others) expect([text, read(text)]).toEqual([text, undefined])
})

test('texts of one hash are told apart, and the same text is the same again', () => {
  const lists = new FlatLists()
  // "Aa" and "BB" have one hash where a letter is multiplied by 31.
  for (const text of ['Aa', 'BB', 'Aa', 'AaAa', 'BBBB', 'AaBB', 'BB']) expect(read(`["${text}",1]`, lists)).toEqual([text, 1])
})
