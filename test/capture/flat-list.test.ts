// Lists of JSON, read from bytes: the same values as JSON.parse(), or none.
import { expect, test } from 'vitest'
import { ListPacker, PACKED, PackedLists } from '../../src/capture/flow-records/flat-list.ts'

const encoder = new TextEncoder()

/** Undefined: it is left to JSON.parse(). */
function read(text: string, packer = new ListPacker(), lists = new PackedLists()): unknown[] | undefined {
  const line = encoder.encode(`${text}\n`)
  const packed = packer.pack(line).slice()
  if (packed[0] !== PACKED) {
    expect(packed).toEqual(line)
    return undefined
  }
  expect(packed[1] | (packed[2] << 8)).toBe(packed.length)
  expect(lists.read(packed, 0, packed.length)).toBe(true)
  return lists.values.slice(0, lists.count)
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
  for (const number of [0, 1, 255, 256, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1, 9007199254740989])
    expect(read(`[${number}]`)).toEqual([number])
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
  const [packer, lists] = [new ListPacker(), new PackedLists()]
  // "Aa" and "BB" have one hash where a letter is multiplied by 31.
  for (const text of ['Aa', 'BB', 'Aa', 'AaAa', 'BBBB', 'AaBB', 'BB']) expect(read(`["${text}",1]`, packer, lists)).toEqual([text, 1])
  expect(read('["Aa","BB","Aa"]', packer, lists)).toEqual(['Aa', 'BB', 'Aa'])
})

test('a text of a line that was not packed is not taken for known', () => {
  const [packer, lists] = [new ListPacker(), new PackedLists()]
  expect(read('["first",true]', packer, lists)).toBe(undefined)
  expect(read('["first",1]', packer, lists)).toEqual(['first', 1])
})

test('addresses are those of the list, also where texts share a place', () => {
  const lists = new PackedLists()
  // So many that some of them do.
  const addresses = Array.from({ length: 2000 }, (_, i) => `10.${i % 7}.${i >> 8}.${i & 255}`)
  expect(read(JSON.stringify([...addresses, 'host', 5, null]), new ListPacker(), lists)).toEqual([...addresses, 'host', 5, null])
  const bytes = addresses.map((address) => Uint8Array.from(address.split('.'), Number))
  expect(addresses.map((_, i) => lists.addressAt(i))).toEqual(bytes)
  for (const other of [2000, 2001, 2002]) expect(lists.addressAt(other)).toBe(null)
})

test('what no packer has made is no list', () => {
  const lists = new PackedLists()
  for (const bytes of [[], [9], [9, 1], [10, 1, 0, 5, 65], [5, 1]])
    expect(lists.read(Uint8Array.of(PACKED, 3 + bytes.length, 0, ...bytes), 0, 3 + bytes.length)).toBe(bytes.length === 0)
})
