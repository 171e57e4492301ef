// What hides in names: tunnels that carry data in labels, and malware that tries generated names until one exists.
import type { DnsRecord, DnsType } from '../support/messages.ts'
import { characters, domain, generatedDomain } from './vocabulary.ts'
import type { World } from './world.ts'

export type Encoding = 'base32' | 'base64url' | 'hexadecimal' | 'numbered chunks'

export interface Tunnel {
  encoding: Encoding
  type: DnsType
  perSecond: number
  queries: number
  /** Characters of data in each name, cut into labels of at most 63. */
  length: number
}

const ALPHABETS: Record<Encoding, string> = {
  base32: 'abcdefghijklmnopqrstuvwxyz234567',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  hexadecimal: '0123456789abcdef',
  'numbered chunks': 'abcdefghijklmnopqrstuvwxyz234567',
}

export function dnsTunnel(world: World, atS: number, { encoding, type, perSecond, queries, length }: Tunnel): void {
  const client = world.newcomer()
  const zone = `${world.pick(['t', 'ns1', 'd', ''])}.${world.brand()}.${world.pick(['com', 'net', 'info', 'co.uk'])}`.replace(/^\./, '')
  let now = world.at(atS)
  for (let count = 0; count < queries; count++) {
    const data = characters(world.random, ALPHABETS[encoding], length)
    const labels = data.match(/.{1,60}/g)!.join('.')
    const name = encoding === 'numbered chunks' ? `${count}.${labels}.${zone}` : `${labels}.${zone}`
    const answers: Record<string, DnsRecord[]> = {
      A: [{ type: 'A', data: '10.11.12.13' }],
      AAAA: [{ type: 'AAAA', data: '2001:db8::1' }],
      CNAME: [{ type: 'CNAME', data: `${characters(world.random, ALPHABETS.base32, 40)}.${zone}` }],
      TXT: [{ type: 'TXT', data: Array.from({ length: 3 }, () => characters(world.random, ALPHABETS.base32, 60)).join('.') }],
      MX: [{ type: 'TXT', data: characters(world.random, ALPHABETS.base32, 60) }],
    }
    world.ask(now, client, name, type, answers[type] ?? [])
    now += (1_000_000 / perSecond) * world.between(0.5, 1.5)
  }
  const variant = `${encoding} ${type} ${perSecond}/s ${queries} names of ${length}`
  world.label('dns-tunnel', variant, client, null, atS, atS + (now - world.at(atS)) / 1_000_000)
}

export type Channel = 'dnscat2' | 'iodine' | 'staged' | 'commands'

/**
 * Data that comes in the answers below short names: the hexadecimal packets of dnscat2 that fit into a label, what iodine sends down in NULL records, a
 * program in base64 asked for piece by piece, and orders that come now and then.
 */
export function dnsAnswerChannel(world: World, atS: number, kind: Channel, everyS: number, answers: number): void {
  const client = world.newcomer()
  const zone = `${world.brand()}.${world.pick(['com', 'net', 'info'])}`
  const stage = characters(world.random, ALPHABETS.base32, 3)
  let now = world.at(atS)
  for (let count = 0; count < answers; count++) {
    const short = characters(world.random, ALPHABETS.base32, kind === 'iodine' ? 5 : 6)
    const name = kind === 'staged' ? `${count}.${stage}.${zone}` : `${short}.${zone}`
    const hexadecimal = characters(world.random, ALPHABETS.hexadecimal, world.whole(60, 240))
    const data = {
      dnscat2: hexadecimal,
      iodine: String.fromCharCode(...world.bytes(world.whole(120, 255))),
      staged: characters(world.random, ALPHABETS.base64url, 250),
      commands: `${characters(world.random, ALPHABETS.base64url, world.whole(90, 200))}==`,
    }[kind]
    const type = kind === 'iodine' ? 'NULL' : 'TXT'
    world.ask(now, client, name, type, [{ type, data, ttl: 1 }])
    now += everyS * 1_000_000 * world.between(0.7, 1.3)
  }
  const endS = atS + (now - world.at(atS)) / 1_000_000
  world.label('dns-answers', `${kind}, ${answers} answers every ${everyS} s`, client, null, atS, endS)
}

export interface Generated {
  kind: Parameters<typeof generatedDomain>[1]
  names: number
  perSecond: number
}

export function generatedNames(world: World, atS: number, { kind, names, perSecond }: Generated): void {
  const client = world.newcomer()
  let now = world.at(atS)
  for (let count = 0; count < names; count++) {
    const name = generatedDomain(world.random, kind)
    const exists = count === names - 1
    const doneUs = world.ask(now, client, name, 'A', exists ? [{ type: 'A', data: world.outsider() }] : [], exists ? 0 : 3)
    now = Math.max(doneUs, now + (1_000_000 / perSecond) * world.between(0.5, 1.5))
  }
  const endS = atS + (now - world.at(atS)) / 1_000_000
  world.label('generated-names', `${kind} ${names} names ${perSecond}/s`, client, null, atS, endS, ['nxdomain-burst'])
}

export interface Missing {
  names: number
  perSecond: number
  /** "bazar" and "lib" are in no list of public suffixes. */
  ending: string
}

/** A program tries names made of words, or below an ending that nobody lists; none exists. */
export function missingDomains(world: World, atS: number, { names, perSecond, ending }: Missing): void {
  const client = world.newcomer()
  let now = world.at(atS)
  for (let count = 0; count < names; count++) {
    const label = ending === 'bazar' ? characters(world.random, 'abcdefghiklmnoqrtuwxyz', 8) : domain(world.random).split('.')[0]
    const doneUs = world.ask(now, client, `${label}${count}.${ending}`, 'A', [], 3)
    now = Math.max(doneUs, now + (1_000_000 / perSecond) * world.between(0.5, 1.5))
  }
  const endS = atS + (now - world.at(atS)) / 1_000_000
  world.label('nxdomain-burst', `${names} names of .${ending}, ${perSecond}/s`, client, null, atS, endS, ['generated-names'])
}
