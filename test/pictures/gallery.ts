// Captures of different kinds, each made by formula -> what the page shows when their reports are opened: the manual's gallery.
import { readFileSync } from 'node:fs'
import { background } from '../attacks/background/index.ts'
import { ATTACKS } from '../attacks/catalogue.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url)

const fixture = (path: string) => (): Uint8Array => new Uint8Array(readFileSync(new URL(path, FIXTURES)))

/** A small office, and in it the first attack of the catalogue that a rule is about. */
const attacked = (rule: string, seed: number) => (): Uint8Array => {
  const seconds = 900
  const attack = ATTACKS.find((candidate) => candidate.rule === rule && candidate.seconds < seconds - 60)
  if (!attack) throw new Error(`the catalogue has no short attack for ${rule}`)
  const world = new World({ seed, seconds, loss: 0, isBehindNat: false })
  background(world, 0.3)
  attack.run(world, 30)
  return written(world.sorted())
}

/** The bytes of each capture, by the name of its picture, in the order of the gallery. */
export const SCENES: Record<string, () => Uint8Array> = {
  office: fixture('demo/input.pcapng'),
  'dns-tunnel': attacked('dns-tunnel', 3),
  exfiltration: attacked('exfiltration', 4),
  beacon: attacked('beacon', 5),
  flood: attacked('syn-flood', 6),
  'arp-spoofing': attacked('arp-spoofing', 7),
  scopes: fixture('hosts-scopes/input.pcap'),
  gaps: fixture('packets-far-times/input.pcap'),
  'one-name': fixture('names-quic/input.pcap'),
  ipv6: fixture('fragments-ipv6/input.pcap'),
}
