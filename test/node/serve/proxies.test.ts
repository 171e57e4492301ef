// Whose address counts: the peer's, unless it is a proxy that is trusted. Then the rightmost address that is not a trusted proxy's.
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { clientOf, parseTrusted } from '../../../src/node/serve/access/client-address.ts'
import { serveSample } from './served.ts'

const asked = (remoteAddress: string, headers: Record<string, string>) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage

describe('the address of a client', () => {
  const trusted = parseTrusted(['loopback', '10.0.0.0/8', '2001:db8:ffff::/48'])

  test.each<[string, string, Record<string, string>, string]>([
    [
      'an untrusted peer’s own, whatever it claims',
      '192.0.2.1',
      { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7' },
      '192.0.2.1',
    ],
    ['the one a trusted proxy names', '127.0.0.1', { 'x-forwarded-for': '198.51.100.7' }, '198.51.100.7'],
    ['the rightmost that is not trusted', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9, 198.51.100.7, 10.1.2.3' }, '198.51.100.7'],
    ['the proxy’s where nothing is forwarded', '10.1.2.3', {}, '10.1.2.3'],
    ['the first one where all are trusted', '10.1.2.3', { 'x-forwarded-for': '10.9.9.9, 10.8.8.8' }, '10.9.9.9'],
    ['the last readable one', '10.1.2.3', { 'x-forwarded-for': '198.51.100.7, unknown, 10.8.8.8' }, '10.8.8.8'],
    ['IPv4 in IPv6', '::ffff:10.1.2.3', { 'x-forwarded-for': '::ffff:198.51.100.7' }, '198.51.100.7'],
    ['IPv6 in its short form', '::1', { 'x-forwarded-for': '2001:DB8:0:0::0001' }, '2001:db8::1'],
    ['with a port', '::1', { 'x-forwarded-for': '198.51.100.7:4711' }, '198.51.100.7'],
    ['as RFC 7239 writes it', '2001:db8:ffff::5', { forwarded: 'for=192.0.2.43, for="[2001:db8::17]:4711";proto=https' }, '2001:db8::17'],
    ['behind quotes that a client left open', '::1', { forwarded: 'for="x, for=198.51.100.7' }, '198.51.100.7'],
    ['the proxy’s where two headers disagree', '10.1.2.3', { forwarded: 'for=192.0.2.9', 'x-forwarded-for': '198.51.100.7' }, '10.1.2.3'],
    ['the one both headers name', '10.1.2.3', { forwarded: 'for=198.51.100.7', 'x-forwarded-for': '198.51.100.7' }, '198.51.100.7'],
    ['the proxy’s for junk', '10.1.2.3', { 'x-forwarded-for': '<script>' }, '10.1.2.3'],
  ])('is %s', (_, peer, headers, address) => {
    expect(clientOf(asked(peer, headers), trusted).address).toBe(address)
  })

  test('nobody is trusted by default, loopback neither', () => {
    expect(clientOf(asked('127.0.0.1', { 'x-forwarded-for': '198.51.100.7' }), parseTrusted([])).address).toBe('127.0.0.1')
  })

  test.each(['10.0.0.0/33', '10.0.0/8', 'proxy.example', '::/129', '10.0.0.0/8/8', '10.0.0.0/x', ''])('%s is not a network', (text) => {
    expect(() => parseTrusted([text])).toThrow(`--trust-proxy ${text}: it must be an address, a network as 10.0.0.0/8, or loopback`)
  })
})

test('behind a trusted proxy, wrong keys of one client do not slow down another, and cookies of HTTPS are only sent over HTTPS', async () => {
  const served = await serveSample([''], { trustedProxies: ['loopback'] })
  try {
    const guess = async (from: string, key: string) => (await served.ask('/', { 'x-forwarded-for': from, 'x-api-key': key })).status
    for (let attempt = 0; attempt < 10; attempt++) expect(await guess('198.51.100.7', `guess ${attempt}`)).toBe(401)
    expect(await guess('198.51.100.7', 'one more')).toBe(429)
    expect(await guess('198.51.100.8', 'one more')).toBe(401)
    const { key } = { key: 'correct-horse-battery' }
    const cookie = async (protocol: string) =>
      (await served.ask(`/?key=${key}`, { 'x-forwarded-proto': protocol })).headers['set-cookie']![0]
    expect(await cookie('https')).toMatch(/; Secure$/)
    expect(await cookie('http')).not.toContain('Secure')
  } finally {
    await served.close()
  }
})

test('without --trust-proxy forged headers have no effect: all wrong keys count for the peer', async () => {
  const served = await serveSample([''])
  try {
    const guess = async (attempt: number) =>
      (
        await served.ask('/', {
          'x-forwarded-for': `198.51.100.${attempt}`,
          forwarded: `for=198.51.100.${attempt}`,
          'x-api-key': `guess ${attempt}`,
        })
      ).status
    const statuses: number[] = []
    for (let attempt = 0; attempt < 11; attempt++) statuses.push(await guess(attempt))
    expect(statuses).toEqual([...new Array(10).fill(401), 429])
  } finally {
    await served.close()
  }
})
