// Big captures for measuring speed, of an office and of a backbone: skewed servers, TLS, HTTP, DNS and bulk in full-size packets. Seeded: the same file every time.
import { closeSync, openSync, writeSync } from 'node:fs'
import { tlsClientHello } from '../support/messages.ts'

const BUFFER_BYTES = 8 << 20
const ROOM_BYTES = 4096

/** What a capture is like. */
export interface Mix {
  packets: number
  flows: number
  /** Conversations under way at any time, as a share of all. */
  activeShare: number
  /** TCP segments without data, as a share of those after the first three. */
  emptyShare: number
  servers: number
  /** Of the choice of a server: the higher, the more conversations have the first ones. */
  skew: number
  /** 0: some 200, in one network inside. */
  publicClients: number
}

/** Some 200 clients of one network; about 730 bytes a packet. */
export function office(packets: number, flows: number): Mix {
  return { packets, flows, activeShare: 1 / 50, emptyShare: 0.45, servers: Math.max(50, flows >> 3), skew: 3, publicClients: 0 }
}

/** Half as many hosts as conversations, all public, and a quarter of the conversations at once; about 450 bytes a packet. */
export function backbone(packets: number, flows: number): Mix {
  const clients = Math.ceil(flows * 0.3)
  return { packets, flows, activeShare: 1 / 4, emptyShare: 0.72, servers: Math.ceil(flows * 0.25), skew: 1.5, publicClients: clients }
}

interface Conversation {
  client: number
  server: number
  clientPort: number
  serverPort: number
  isUdp: boolean
  packets: number
  /** Sequence number of each end's next TCP segment, the client's first. */
  next: [number, number]
}

/** xorshift32 (Marsaglia 2003): uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}

/** Writes a classic microsecond Ethernet pcap. */
export function writeBigCapture(file: string, mix: Mix, seed = 7): void {
  const { packets, flows, activeShare, emptyShare, skew } = mix
  const random = generator(seed)
  const payload = Buffer.from(Array.from({ length: 1600 }, () => random() * 256))
  const servers = Array.from({ length: mix.servers }, () => publicAddress(random))
  const clients = Array.from({ length: mix.publicClients }, () => publicAddress(random))
  const begin = (): Conversation => {
    const isUdp = random() < 0.25
    return {
      client: clients.length > 0 ? clients[Math.floor(random() * clients.length)] : insideAddress(random),
      server: servers[Math.floor(random() ** skew * servers.length)],
      clientPort: 1024 + Math.floor(random() * 60_000),
      serverPort: isUdp ? (random() < 0.6 ? 443 : 53) : random() < 0.8 ? 443 : 80,
      isUdp,
      packets: 0,
      next: [0, 0],
    }
  }
  const active = Array.from({ length: Math.max(1, Math.min(flows, Math.ceil(flows * activeShare))) }, begin)
  let begun = active.length
  let timeUs = Date.UTC(2026, 0, 1) * 1000
  const out = openSync(file, 'w')
  const buffer = Buffer.alloc(BUFFER_BYTES + ROOM_BYTES)
  let at = writeHeader(buffer)
  for (let i = 0; i < packets; i++) {
    if (at > BUFFER_BYTES) {
      writeSync(out, buffer, 0, at)
      at = 0
    }
    const slot = Math.floor(random() * active.length)
    if (begun < flows && random() < flows / packets) {
      active[slot] = begin()
      begun++
    }
    const conversation = active[slot]
    const isAnswer = conversation.packets > 2 && random() < 0.6
    timeUs += Math.floor(random() * 40)
    at = writePacket(buffer, at, timeUs, conversation, isAnswer, payloadOf(conversation, payload, random, emptyShare))
    conversation.packets++
  }
  writeSync(out, buffer, 0, at)
  closeSync(out)
}

function insideAddress(random: () => number): number {
  return (192 << 24) | (168 << 16) | (1 << 8) | (2 + random() * 200)
}

function publicAddress(random: () => number): number {
  for (;;) {
    const first = 1 + Math.floor(random() * 222)
    if (![10, 100, 127, 169, 172, 192, 198, 203].includes(first)) return ((first << 24) | (random() * 0x100_0000)) >>> 0
  }
}

function payloadOf(conversation: Conversation, payload: Buffer, random: () => number, emptyShare: number): Uint8Array {
  if (conversation.isUdp) return payload.subarray(0, conversation.serverPort === 53 ? 60 : 1200)
  if (conversation.packets === 0) return payload.subarray(0, 0)
  if (conversation.packets === 2) {
    const name = `host${conversation.server % 9973}.example`
    return conversation.serverPort === 443 ? tlsClientHello({ serverName: name }) : Buffer.from(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
  }
  return random() < emptyShare ? payload.subarray(0, 0) : payload.subarray(0, random() < 0.7 ? 1448 : random() * 1400)
}

function writeHeader(buffer: Buffer): number {
  buffer.writeUInt32LE(0xa1b2c3d4, 0)
  buffer.writeUInt16LE(2, 4)
  buffer.writeUInt16LE(4, 6)
  buffer.writeUInt32LE(65_535, 16)
  buffer.writeUInt32LE(1, 20)
  return 24
}

function writePacket(buffer: Buffer, from: number, timeUs: number, c: Conversation, isAnswer: boolean, data: Uint8Array): number {
  const transportBytes = c.isUdp ? 8 : 20
  const ipBytes = 20 + transportBytes + data.length
  let at = from
  buffer.writeUInt32LE(Math.floor(timeUs / 1e6), at)
  buffer.writeUInt32LE(timeUs % 1e6, at + 4)
  buffer.writeUInt32LE(14 + ipBytes, at + 8)
  buffer.writeUInt32LE(14 + ipBytes, at + 12)
  at += 16
  buffer.fill(0, at, at + 14 + 20 + transportBytes)
  buffer.fill(2, at, at + 12)
  buffer.writeUInt16BE(0x0800, at + 12)
  at += 14
  buffer[at] = 0x45
  buffer.writeUInt16BE(ipBytes, at + 2)
  buffer[at + 8] = 64
  buffer[at + 9] = c.isUdp ? 17 : 6
  buffer.writeUInt32BE((isAnswer ? c.server : c.client) >>> 0, at + 12)
  buffer.writeUInt32BE((isAnswer ? c.client : c.server) >>> 0, at + 16)
  at += 20
  buffer.writeUInt16BE(isAnswer ? c.serverPort : c.clientPort, at)
  buffer.writeUInt16BE(isAnswer ? c.clientPort : c.serverPort, at + 2)
  if (c.isUdp) buffer.writeUInt16BE(8 + data.length, at + 4)
  else {
    const isSyn = c.packets === 0
    const [own, peer] = isAnswer ? [1, 0] : [0, 1]
    buffer.writeUInt32BE(c.next[own], at + 4)
    if (!isSyn) buffer.writeUInt32BE(c.next[peer], at + 8)
    buffer[at + 12] = 0x50
    buffer[at + 13] = isSyn ? 0x02 : 0x10
    buffer.writeUInt16BE(0xffff, at + 14)
    c.next[own] = (c.next[own] + data.length + (isSyn ? 1 : 0)) >>> 0
  }
  at += transportBytes
  buffer.set(data, at)
  return at + data.length
}
