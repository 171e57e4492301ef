// Every folder below fixtures/ that holds a capture and what is in it.
import { readdirSync, readFileSync } from 'node:fs'
import type { Hand } from '../../fixtures/generate/case.ts'

/** What fixtures/expect.ts wrote. */
export interface TsharkCounts {
  source: string
  packets: number
  bytes: number
  captured_bytes: number
  ip_packets: number
  first_us: number | null
  last_us: number | null
  /** "address address" (sorted) -> [packets, bytes]. */
  pairs: Record<string, [number, number]>
  /** "tcp address port address port" (ends sorted) -> [packets, bytes]. */
  tuples: Record<string, [number, number]>
  tls_names: string[]
  quic_names: string[]
  http_hosts: string[]
  dns_names: string[]
}

export interface Fixture {
  name: string
  bytes: Uint8Array
  proves: string
  hand: Hand
  /** Null where tshark was not asked. */
  tshark: TsharkCounts | null
}

const FOLDER = new URL('../../fixtures/', import.meta.url)

export const FIXTURES: Fixture[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(new URL(`${entry.name}/`, FOLDER)).includes('expected.json'))
  .map(({ name }) => {
    const folder = new URL(`${name}/`, FOLDER)
    const { proves, file, hand, tshark } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'))
    return {
      name,
      proves,
      hand,
      tshark: typeof tshark === 'string' ? null : tshark,
      bytes: new Uint8Array(readFileSync(new URL(file, folder))),
    }
  })
