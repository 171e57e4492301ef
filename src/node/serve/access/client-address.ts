// A request -> the client's address: from the headers of trusted proxies (--trust-proxy), otherwise the peer's address.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { UsageError } from '../../../errors.ts'

export interface Client {
  /** IPv4, or IPv6 in the form of RFC 5952. */
  address: string
  /** Whether the client uses TLS, to this server or to a trusted proxy. */
  isTls: boolean
}

/** @param texts networks, addresses, or "loopback" @throws UsageError */
export function parseTrusted(texts: string[]): BlockList {
  const trusted = new BlockList()
  for (const text of texts.flatMap((each) => (each === 'loopback' ? ['127.0.0.0/8', '::1'] : [each]))) {
    const [address = '', bits, ...more] = text.split('/')
    const family = isIP(address)
    const prefix = bits === undefined ? (family === 4 ? 32 : 128) : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (family === 0 || more.length > 0 || prefix < 0 || prefix > (family === 4 ? 32 : 128))
      throw new UsageError(`--trust-proxy ${text}: it must be an address, a network as 10.0.0.0/8, or loopback`)
    trusted.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
  return trusted
}

export function clientOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>, trusted: BlockList): Client {
  const peer = canonical(socket.remoteAddress ?? '') ?? 'gone'
  const isTls = 'encrypted' in socket
  if (!isTrusted(peer, trusted)) return { address: peer, isTls }
  const named = [forwardedFor(headers['x-forwarded-for']), forwarded(headers.forwarded)].filter((list) => list.length > 0)
  const found = named.map((list) => lastUntrusted(list, peer, trusted))
  // A proxy that sets one of the two headers may pass on the client's value of the other: if they differ, neither is used.
  const address = found.length > 0 && found.every((one) => one === found[0]) ? found[0] : peer
  const protocol = String(headers['x-forwarded-proto'] ?? '').split(',')
  return { address, isTls: isTls || protocol.at(-1)!.trim().toLowerCase() === 'https' }
}

/** Each proxy appends on the right; addresses left of the first untrusted one may be forged by the client. */
function lastUntrusted(list: (string | null)[], peer: string, trusted: BlockList): string {
  let address = peer
  for (const next of list.reverse()) {
    if (next === null) break
    address = next
    if (!isTrusted(next, trusted)) break
  }
  return address
}

function forwardedFor(header: string | string[] | undefined): (string | null)[] {
  const parts = header === undefined ? [] : String(header).split(',')
  return parts.map(parseNode)
}

/** RFC 7239. Quoted commas occur only in forged elements, which are never reached from the right. */
function forwarded(header: string | undefined): (string | null)[] {
  const elements = header === undefined ? [] : header.split(',')
  return elements.map((element) => parseNode(/(?:^|;)\s*for=([^;]*)/i.exec(element.trim())?.[1] ?? ''))
}

/** An address with or without quotes, brackets and port; null for other values, also "unknown" and obfuscated identifiers. */
function parseNode(text: string): string | null {
  const bare = text.trim().replace(/^"(.*)"$/, '$1')
  const match = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(bare) ?? /^([\d.]+)(?::\d{1,5})?$/.exec(bare)
  return canonical(match?.[1] ?? bare)
}

function canonical(text: string): string | null {
  const address = text.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '')
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : null
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const family = isIP(address)
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
