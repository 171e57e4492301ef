// Leaf pages of tables -> files -> the same pages, table by table.
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FiledLeaves, LeafFiles, takeLeaves } from '../../../src/node/output/leaf-files.ts'

const PAGE_BYTES = 4096

/** A page and its divider, which differ from all others. */
const page = (number: number) => new Uint8Array(PAGE_BYTES).fill(number % 251)
const divider = (number: number) => Uint8Array.of(number >> 8, number & 255)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-leaves-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('each table has its own pages and dividers again, in their order; files are there at once, and gone when they were taken', () => {
  const filed: FiledLeaves[] = []
  const leaves = new LeafFiles(join(folder, 'pages'), (file) => filed.push(file))
  const expected: string[] = []
  // More than a file has; exactly as many as two have; a table of one page, which has no divider.
  for (const count of [700, 512, 1]) {
    for (let number = 0; number < count - 1; number++) {
      leaves.leaf(page(number), divider(number))
      expected.push(`${PAGE_BYTES} ${number % 251} ${number % 251} ${divider(number)}`)
      if (number === 300) expect(existsSync(filed.at(-1)!.path)).toBe(true)
    }
    leaves.last(page(count - 1))
    expected.push(`${PAGE_BYTES} ${(count - 1) % 251} ${(count - 1) % 251} end`)
  }
  expect(readdirSync(folder).length).toBe(6)

  const read: string[] = []
  const textOf = (content: Uint8Array) => `${content.length} ${content[0]} ${content[4095]}`
  for (const [index, file] of filed.entries()) {
    expect(readdirSync(folder).length).toBe(6 - index)
    takeLeaves(file, {
      leaf: (content, between) => read.push(`${textOf(content)} ${between}`),
      last: (content) => read.push(`${textOf(content)} end`),
    })
  }
  expect(read).toEqual(expected)
  expect(readdirSync(folder)).toEqual([])
})

test('a file that became shorter, or is there already, is an error', () => {
  const filed: FiledLeaves[] = []
  const leaves = new LeafFiles(join(folder, 'pages'), (file) => filed.push(file))
  leaves.last(page(1))
  truncateSync(filed[0].path, 4000)
  expect(() => takeLeaves(filed[0], { leaf: () => {}, last: () => {} })).toThrow('ends at byte 4000 of 4096')
  expect(() => new LeafFiles(join(folder, 'pages'), () => {}).last(page(1))).toThrow('EEXIST')
})
