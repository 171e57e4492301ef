// Leaf pages of tables -> a file without a name -> the same pages, table by table.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closeLeafFile, type FiledLeaves, LeafFile, openLeafFile, readLeaves } from '../../../src/node/output/leaf-file.ts'

const PAGE_BYTES = 4096

/** A page and its divider, which differ from all others. */
const page = (number: number) => new Uint8Array(PAGE_BYTES).fill(number % 251)
const divider = (number: number) => Uint8Array.of(number >> 8, number & 255)

test('each table has its own pages and dividers again, in their order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-leaves-'))
  const file = openLeafFile(join(folder, 'pages'))
  try {
    expect(readdirSync(folder)).toEqual([])
    const leaves = new LeafFile(file)
    // More than are written at once; exactly as many; a table of one page, which has no divider.
    const tables = [700, 256, 1].map((count, table) => {
      for (let number = 0; number < count - 1; number++) leaves.leaf(page(number + table), divider(number))
      leaves.last(page(count - 1 + table))
      return { count, table, filed: leaves.endTable() }
    })
    for (const { count, table, filed } of tables) {
      const read: number[][] = []
      readLeaves(file, filed, {
        leaf: (content, between) => read.push([content.length, content[0], content[4095], ...between]),
        last: (content) => read.push([content.length, content[0], content[4095]]),
      })
      const expected = Array.from({ length: count }, (_, number) => {
        const value = (number + table) % 251
        return [PAGE_BYTES, value, value, ...(number < count - 1 ? divider(number) : [])]
      })
      expect(read).toEqual(expected)
    }
  } finally {
    closeLeafFile(file)
    rmSync(folder, { recursive: true })
  }
})

test('what is in the file is passed on at once, and read part by part is the whole table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-leaves-'))
  const file = openLeafFile(join(folder, 'pages'))
  try {
    const parts: FiledLeaves[] = []
    const leaves = new LeafFile(file, (part) => parts.push(part))
    const expected: string[] = []
    const read: string[] = []
    // The last page of the second table is the last one that is written at once.
    for (const count of [700, 512]) {
      for (let number = 0; number < count - 1; number++) {
        leaves.leaf(page(number), divider(number))
        expected.push(`${number % 251} ${divider(number)}`)
        if (number === 300) expect(parts.at(-1)!.dividers.length).toBe(256)
      }
      leaves.last(page(count - 1))
      expected.push(`${(count - 1) % 251} end`)
    }
    const sink = {
      leaf: (content: Uint8Array, between: Uint8Array) => read.push(`${content[4095]} ${between}`),
      last: (content: Uint8Array) => read.push(`${content[0]} end`),
    }
    for (const part of parts) readLeaves(file, part, sink)
    expect(read).toEqual(expected)
  } finally {
    closeLeafFile(file)
    rmSync(folder, { recursive: true })
  }
})
