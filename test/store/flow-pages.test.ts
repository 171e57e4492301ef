// Whoever makes the pages of conversations, this thread or another one: the same bytes of traffic.sqlite.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { analyze, type PageMaker } from '../../src/analyze.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { OPTIONS, sourceOf } from '../support/analysis.ts'
import { otherThread } from '../support/page-maker.ts'

const FIXTURES = [
  'demo/input.pcapng',
  'names-dns/input.pcap',
  'hosts-scopes/input.pcap',
  'fragments-ipv6/input.pcap',
  'link-qinq/input.pcap',
]

async function databaseOf(file: string, pageMaker?: PageMaker): Promise<Buffer> {
  const source = sourceOf(readFileSync(fileURLToPath(new URL(`../../fixtures/${file}`, import.meta.url))))
  const host = { geoip: Promise.resolve(null), openDatabase: loadSqlite(), ...(pageMaker && { pageMaker }) }
  return Buffer.from(await analyze([source], host, OPTIONS))
}

describe('pages of conversations made by another thread', () => {
  it.each(FIXTURES)('%s', async (file) => {
    expect((await databaseOf(file, otherThread())).equals(await databaseOf(file))).toBe(true)
  })
})
