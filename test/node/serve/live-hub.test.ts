// The hub of a live view under a flood: what it remembers is bounded, what it does for a conversation does not grow with how many there were.
import { expect, test } from 'vitest'
import { LiveHub } from '../../../src/node/serve/live-hub.ts'
import { RecentMap } from '../../../src/node/serve/recent-map.ts'
import { flowTo, LAST_US, ScriptedFeed, SYDNEY } from './scripted-feed.ts'

/** A flood of conversations with a new address each, as many a batch as a capture tells of. */
function flood(feed: ScriptedFeed, conversations: number): void {
  for (let from = 0; from < conversations; from += 1000) {
    const ids = Array.from({ length: 1000 }, (_, i) => from + i + 10)
    feed.push({
      hosts: ids.map((id) => ({ ...SYDNEY, id, ip: `host ${id}` })),
      flows: ids.map((id) => flowTo(8, id, 1, { clientHostId: id })),
    })
  }
}

// Deleting the oldest key of a Map by its first key needs many minutes for this, and the ceiling is far above what it takes.
test('half a million conversations with a new address each take seconds', { timeout: 60_000 }, () => {
  const feed = new ScriptedFeed()
  const hub = new LiveHub(feed)
  feed.push({ hosts: [SYDNEY] })
  flood(feed, 500_000)
  const packet = { id: 1, flowId: 500_009, atUs: LAST_US, fromClient: true, bytes: 60, tcpFlags: 2 }
  const early = { ...packet, flowId: 10 }
  feed.push({ packets: [early, packet] })
  // The host that all talk with was told of once, half a million conversations ago.
  expect(hub.traffic({ limit: 10, all: true }).map(({ src_ip, dst_ip }) => [src_ip, dst_ip])).toEqual([['host 500009', '1.1.1.1']])
  hub.close()
})

test('a map of recent keys has the last of them, however often the others were set', () => {
  const recent = new RecentMap<number, string>(3)
  for (const key of [1, 2, 1, 1, 3]) recent.set(key, `${key}`)
  expect([1, 2, 3].map((key) => recent.get(key))).toEqual(['1', '2', '3'])
  for (const key of [4, 5, 3]) recent.set(key, `new ${key}`)
  expect([3, 4, 5].map((key) => recent.get(key))).toEqual(['new 3', 'new 4', 'new 5'])
  for (const key of [6, 7, 8]) recent.set(key, `${key}`)
  expect([1, 2].map((key) => recent.get(key))).toEqual([undefined, undefined])
})
