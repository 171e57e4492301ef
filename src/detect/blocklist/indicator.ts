// One text of a list -> what it means: an address, a network, a domain, a URL's host, or a JA4 fingerprint.
import { parseAddress } from '../../decode/address.ts'
import { MAX_DOMAIN } from './domain-set.ts'

export type Indicator =
  | { kind: 'ipv4'; start: number; end: number; isUrl: boolean }
  | { kind: 'ipv6'; address: Uint8Array; length: number; isUrl: boolean }
  | { kind: 'domain'; domain: string; isUrl: boolean }
  | { kind: 'ja4'; ja4: string }

/** FoxIO's technical description of JA4: protocol, version, SNI, counts, ALPN, and two truncated hashes. */
const JA4 = /^[tqd][0-9sd]{2}[di][0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/
const IPV4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:\/(\d{1,2})|:(\d{1,5})|\s*-\s*(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}))?$/
const IPV6 = /^\[?([0-9a-f:]+(?::\d+\.\d+\.\d+\.\d+)?)\]?(?:\/(\d{1,3})|:\d{1,5})?$/
/** Labels of letters, digits, hyphens and underscores; the last label is no number. */
const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z][a-z0-9-]{0,61}[a-z0-9])$/
const URL = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]/]+\]|[^/?#:]+)/

/** Null when the text is none of these. */
export function parseIndicator(given: string): Indicator | null {
  const text = given.trim().toLowerCase()
  if (text.length < 4 || text.length > 2048) return null
  if (text.includes('://')) {
    const host = URL.exec(text.replaceAll('[.]', '.'))?.[1]
    return host === undefined ? null : parsePlain(host, true)
  }
  return parsePlain(text.includes('[.]') ? text.replaceAll('[.]', '.') : text, false)
}

function parsePlain(text: string, isUrl: boolean): Indicator | null {
  const first = text.charCodeAt(0)
  const isDigit = first >= 0x30 && first <= 0x39
  if (isDigit) {
    const ipv4 = parseIpv4(text, isUrl)
    if (ipv4 !== null) return ipv4
  }
  if (text.includes(':')) return parseIpv6(text, isUrl)
  if (text.charCodeAt(text.length - 13) === 0x5f && JA4.test(text)) return { kind: 'ja4', ja4: text }
  // *.example.org, .example.org, ||example.org^ (ad blockers) and example.org. all mean the domain and its subdomains.
  const domain = text.replace(/^(?:\|\||\*\.|\.)/, '').replace(/[.^]$/, '')
  if (domain.length > MAX_DOMAIN || domain.includes('/') || !DOMAIN.test(domain)) return null
  return { kind: 'domain', domain, isUrl }
}

function parseIpv4(text: string, isUrl: boolean): Indicator | null {
  const match = IPV4.exec(text)
  if (match === null) return null
  const start = ipv4Number(match[1])
  if (start === null) return null
  if (match[4] !== undefined) {
    const end = ipv4Number(match[4])
    return end === null || end < start ? null : { kind: 'ipv4', start, end, isUrl }
  }
  const length = match[2] === undefined ? 32 : Number(match[2])
  if (length > 32 || length === 0) return null
  const size = 2 ** (32 - length)
  const network = start - (start % size)
  return { kind: 'ipv4', start: network, end: network + size - 1, isUrl }
}

function ipv4Number(text: string): number | null {
  const bytes = parseAddress(text)
  return bytes === null ? null : ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0
}

function parseIpv6(text: string, isUrl: boolean): Indicator | null {
  const match = IPV6.exec(text)
  const address = match === null ? null : parseAddress(match[1])
  const length = match?.[2] === undefined ? 128 : Number(match[2])
  if (address?.length !== 16 || length > 128 || length === 0) return null
  return { kind: 'ipv6', address, length, isUrl }
}
