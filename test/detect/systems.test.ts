// SYN packets and DHCP requests as operating systems send them -> their names; and what looks nearly like them -> nothing.
import { describe, expect, it } from 'vitest'
import { dhcpSystem } from '../../src/names/dhcp-system.ts'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { address, ethernet, hex, ipv4, ipv6, join, mac, tcp, u32, udp } from '../support/build.ts'
import { pcapHeader, pcapRecord } from '../support/capture-files.ts'

const [CLIENT, SERVER] = ['10.0.0.5', '203.0.113.1']

/** "address value (source)" of the systems found. */
async function systems(frames: Uint8Array[]): Promise<string[]> {
  const records = frames.map((bytes, i) => pcapRecord({ atUs: (1_700_000_000 + i) * 1e6, bytes }))
  const database = await analyzeBytes(join(pcapHeader(), ...records))
  const found = rows(
    database,
    ['ip', 'value', 'source'],
    "FROM identities i JOIN hosts h ON h.id = i.host_id WHERE kind = 'os' ORDER BY ip, value",
  )
  return found.map(({ ip, value, source }) => `${ip} ${value} (${source})`)
}

// Options as they are in captures of these systems.
const WINDOWS = hex('020405b4 01 030308 01 01 0402')
const LINUX = hex('020405b4 0402 080a 0001e240 00000000 01 030307')
const MAC = hex('020405b4 01 030306 01 01 080a 0001e240 00000000 0402 00 00')

const syn = (options: Uint8Array, window: number, ttl: number, flags = 'S') =>
  ethernet(ipv4(CLIENT, SERVER, tcp(40_000, 443, flags, '', { window, options }), { ttl }))

describe('a SYN', () => {
  it('names the system that sends it, also behind routers and over IPv6', async () => {
    expect(await systems([syn(WINDOWS, 64_240, 128)])).toEqual(['10.0.0.5 Windows, likely (tcp syn: ttl 128, mss nop ws nop nop sok)'])
    expect(await systems([syn(LINUX, 29_200, 51)])).toEqual(['10.0.0.5 Linux or Android, likely (tcp syn: ttl 64, mss sok ts nop ws)'])
    expect(await systems([syn(MAC, 65_535, 64)])).toEqual(['10.0.0.5 macOS or iOS, likely (tcp syn: ttl 64, mss nop ws nop nop ts sok)'])
    const overIpv6 = ethernet(ipv6('2001:db8::5', '2001:db8::1', tcp(40_000, 443, 'S', '', { window: 64_800, options: LINUX }), 64))
    expect(await systems([overIpv6])).toEqual(['2001:db8::5 Linux or Android, likely (tcp syn: ttl 64, mss sok ts nop ws)'])
  })

  it.each([
    ['another first TTL', syn(WINDOWS, 64_240, 64)],
    ['too many routers', syn(LINUX, 29_200, 20)],
    ['a window that the system never sends first', syn(MAC, 8192, 64)],
    ['no options, as scanners send it', syn(new Uint8Array(0), 1024, 64)],
    ['one option alone', syn(hex('020405b4'), 1024, 64)],
    ['an option that is longer than the header', syn(hex('020405b4 01 0303 ff'), 64_240, 128)],
    ['an answer', syn(LINUX, 29_200, 64, 'SA')],
  ])('says nothing with %s', async (_, frame) => {
    expect(await systems([frame])).toEqual([])
  })
})

describe('the options that a DHCP client asks for', () => {
  const system = (...options: number[]) => dhcpSystem(Uint8Array.from(options), 0, options.length)

  it('name a system where only one asks for them', () => {
    expect(system(1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252)).toBe('Windows, likely')
    expect(system(1, 121, 3, 6, 15, 119, 252, 95, 44, 46)).toBe('macOS or iOS, likely')
    expect(system(1, 3, 6, 15, 26, 28, 51, 58, 59, 43)).toBe('Android, likely')
    // NetworkManager asks for Microsoft's routes, too.
    expect(system(1, 2, 6, 12, 15, 26, 28, 121, 3, 33, 40, 41, 42, 119, 249, 252, 17)).toBe('')
    expect(system(1, 3, 6)).toBe('')
    expect(system()).toBe('')
  })

  it('are of the client, which the answer of a server does not name', async () => {
    const message = (operation: number, type: number) =>
      join(
        operation,
        1,
        6,
        0,
        u32(9),
        u32(0),
        address(CLIENT),
        address(CLIENT),
        new Uint8Array(8),
        mac(5),
        new Uint8Array(202),
        Uint8Array.from([...hex('63825363 3501'), type, ...[55, 10, 1, 121, 3, 6, 15, 119, 252, 95, 44, 46, 255]]),
      )
    const request = ethernet(ipv4(CLIENT, '10.0.0.1', udp(68, 67, message(1, 3))))
    const answer = ethernet(ipv4('10.0.0.1', CLIENT, udp(67, 68, message(2, 5))))
    expect(await systems([request])).toEqual(['10.0.0.5 macOS or iOS, likely (dhcp: requested options)'])
    expect(await systems([answer])).toEqual([])
  })
})
