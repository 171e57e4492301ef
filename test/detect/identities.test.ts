// Who the hosts are: packets written by hand -> rows of identities, with the frame that says each.
import { describe, expect, it } from 'vitest'
import { maskAccounts } from '../../src/detect/identities/mask.ts'
import { parseKerberos } from '../../src/detect/observe/kerberos.ts'
import { findNtlm } from '../../src/detect/observe/ntlm.ts'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { address, ethernet, hex, icmpv6, ipv4, ipv6, join, type Layer, mac, type Part, raw, tcp, u16, u32, udp } from '../support/build.ts'
import { pcapHeader, pcapRecord } from '../support/capture-files.ts'
import { asReply, asRequest, der, ntlmLogin } from '../support/windows-logins.ts'

const [CLIENT, SERVER] = ['10.0.0.5', '10.0.0.1']
const CLIENT_MAC = mac(5)

const smbLogin = (token: Uint8Array): Uint8Array => {
  const message = join(hex('fe 53 4d 42 40 00 00 00 00000000 01 00 01 00'), new Uint8Array(48), new Uint8Array(24), token)
  return join(0, 0, u16(message.length), message)
}

type Frame = Uint8Array
const fromClient = (inner: Layer) => ethernet(ipv4(CLIENT, SERVER, inner), CLIENT_MAC, mac(1))
const fromServer = (inner: Layer) => ethernet(ipv4(SERVER, CLIENT, inner), mac(1), CLIENT_MAC)

/** TCP from the client, and what the server answers. */
const exchange = (port: number, payload: Part, answer: Part = ''): Frame[] => [
  fromClient(tcp(40_000, port, 'S', '', { sequence: 99 })),
  fromServer(tcp(port, 40_000, 'SA', '', { sequence: 499 })),
  fromClient(tcp(40_000, port, 'PA', payload, { sequence: 100 })),
  fromServer(tcp(port, 40_000, 'PA', answer, { sequence: 500 })),
]

/** "address kind value (source) frame n" of all rows. */
async function identities(frames: Frame[], maskAccounts = false): Promise<string[]> {
  const bytes = join(pcapHeader(), ...frames.map((frame, i) => pcapRecord({ atUs: (1_700_000_000 + i) * 1e6, bytes: frame })))
  const inputs = {
    name: null,
    origin: null,
    maxPackets: 0,
    maskAccounts,
    pages: 'none',
    rules: null,
    blocklists: [],
    baseline: null,
  } as const
  const database = await analyzeBytes(bytes, undefined, { inputs: { ...inputs, blocklists: [] } })
  const found = rows(
    database,
    ['ip', 'kind', 'value', 'source', 'frame'],
    'FROM identities i JOIN hosts h ON h.id = i.host_id ORDER BY h.id, kind, value',
  )
  return found.map(({ ip, kind, value, source, frame }) => `${ip} ${kind} ${value} (${source}) frame ${frame}`)
}

const named = async (frames: Frame[]) => (await identities(frames)).filter((line) => / (account|machine|host-name) /.test(line))

describe('accounts', () => {
  it('a login by NTLM in SMB is of the client, with its workstation', async () => {
    expect(await named(exchange(445, smbLogin(ntlmLogin('CORP', 'Alice', 'PC-5'))))).toEqual([
      '10.0.0.5 account CORP\\Alice (ntlm in smb) frame 3',
      '10.0.0.5 host-name pc-5 (ntlm in smb) frame 3',
    ])
  })

  it('a login by NTLM in HTTP; an anonymous one names nobody', async () => {
    const request = (user: string) =>
      `GET / HTTP/1.1\r\nHost: web.example\r\nAuthorization: NTLM ${Buffer.from(ntlmLogin('', user, '')).toString('base64')}\r\n\r\n`
    expect(await named(exchange(80, request('bob')))).toEqual(['10.0.0.5 account bob (ntlm in http) frame 3'])
    expect(await named(exchange(80, request('')))).toEqual([])
  })

  it('a request by Kerberos is of its sender, a reply of its receiver, never of the domain controller', async () => {
    const request = fromClient(udp(40_000, 88, asRequest('alice')))
    expect(await named([request])).toEqual([
      '10.0.0.5 account alice@CORP.EXAMPLE (kerberos) frame 1',
      '10.0.0.5 host-name pc-5 (kerberos) frame 1',
    ])
    expect(await named([fromServer(udp(88, 40_000, asReply('alice')))])).toEqual(['10.0.0.5 account alice@CORP.EXAMPLE (kerberos) frame 1'])
  })

  it('names that end in $ and names of services are of machines', async () => {
    expect(await named([fromClient(udp(40_000, 88, asRequest('PC-5$')))])).toEqual([
      '10.0.0.5 host-name pc-5 (kerberos) frame 1',
      '10.0.0.5 machine PC-5$@CORP.EXAMPLE (kerberos) frame 1',
    ])
    expect(await named([fromServer(udp(88, 40_000, asReply('host/pc-5.corp.example')))])).toEqual([
      '10.0.0.5 machine host/pc-5.corp.example@CORP.EXAMPLE (kerberos) frame 1',
    ])
  })

  it('the cookie of RDP and the name of a simple bind; the password is nowhere', async () => {
    const request = join(hex('03 00 00 2f 2a e0 00 00 00 00 00'), 'Cookie: mstshash=carol\r\n', hex('01 00 08 00 03 00 00 00'))
    request[3] = request.length
    expect(await named(exchange(3389, request))).toEqual(['10.0.0.5 account carol (rdp) frame 3'])
    const bind = der(0x30, hex('02 01 01'), der(0x60, hex('02 01 03'), der(0x04, 'cn=dave,dc=example'), der(0x80, 'hunter2-secret')))
    const found = await identities(exchange(389, bind))
    expect(found).toContain('10.0.0.5 account cn=dave,dc=example (ldap) frame 3')
    expect(found.join()).not.toContain('hunter2')
  })

  it('pseudonyms are the same for all ways to write an account', async () => {
    const frames = [
      ...exchange(445, smbLogin(ntlmLogin('CORP', 'Alice', 'PC-5'))),
      fromClient(udp(40_001, 88, asRequest('alice'))),
      fromClient(udp(40_002, 88, asRequest('bob'))),
    ]
    const masked = await identities(frames, true)
    expect(masked.filter((line) => line.includes(' account ')).sort()).toEqual([
      '10.0.0.5 account account-1 (kerberos) frame 5',
      '10.0.0.5 account account-1 (ntlm in smb) frame 3',
      '10.0.0.5 account account-2 (kerberos) frame 6',
    ])
    expect(masked.join().toLowerCase()).not.toMatch(/alice|bob/)
    expect(maskAccounts([])).toEqual([])
  })
})

describe('hardware addresses', () => {
  const arpOf = (sender: Uint8Array, ip: string) =>
    join(mac(0xffff), sender, hex('0806 0001 0800 06 04 0001'), sender, address(ip), new Uint8Array(6), address(SERVER))
  const macs = async (frames: Frame[]) => (await identities(frames)).filter((line) => line.includes(' mac '))

  it('by DHCP, ARP and Neighbor Discovery', async () => {
    const request = join(
      1,
      1,
      6,
      0,
      u32(9),
      u32(0),
      address(CLIENT),
      new Uint8Array(12),
      CLIENT_MAC,
      new Uint8Array(202),
      hex('63825363 35 01 03'),
      join(12, 4, 'Pc-5'),
      255,
    )
    expect(await macs([fromClient(udp(68, 67, request))])).toEqual(['10.0.0.5 mac 02:00:00:00:00:05 (dhcp) frame 1'])
    expect(await macs([arpOf(mac(7), CLIENT), fromClient(udp(1, 9, 'x'))])).toEqual(['10.0.0.5 mac 02:00:00:00:00:07 (arp) frame 1'])
    const solicitation = icmpv6(135, 0, u32(0), join(address('fe80::2'), 1, 1, mac(8)))
    expect(await macs([ethernet(ipv6('fe80::1', 'ff02::1:ff00:2', solicitation, 255), mac(8))])).toEqual([
      'fe80::1 mac 02:00:00:00:00:08 (ndp) frame 1',
    ])
  })

  it("a router's is not taken for that of hosts behind it", async () => {
    expect(await macs([fromClient(udp(1, 9, 'x'))])).toEqual(['10.0.0.5 mac 02:00:00:00:00:05 (frames) frame 1'])
    const behind = (ip: string) => ethernet(ipv4(ip, CLIENT, udp(1, 9, 'x')), mac(1))
    expect(await macs([behind('10.9.0.1'), behind('10.9.0.2')])).toEqual([])
    expect(await macs([behind('10.9.0.1'), behind('198.51.100.7')])).toEqual([])
  })
})

describe('routers', () => {
  const roles = async (frames: Frame[]) => (await identities(frames)).filter((line) => line.includes(' role '))
  const arpReply = (hardware: Uint8Array, ip: string) =>
    ethernet(raw(0x0806, join(hex('0001 0800 06 04 0002'), hardware, address(ip), CLIENT_MAC, address(CLIENT))), hardware, CLIENT_MAC)
  /** Documentation addresses are not public. */
  const documented = [1, 2, 3].map((last) => ethernet(ipv4(`203.0.113.${last}`, CLIENT, udp(443, 40_000, 'x')), mac(1), CLIENT_MAC))
  /** Three hosts outside, whose packets come from the router's hardware address. */
  const fromOutside = documented.map((_, i) => ethernet(ipv4(`9.9.9.${i + 1}`, CLIENT, udp(443, 40_000, 'x')), mac(1), CLIENT_MAC))

  it('a gateway is who has the hardware address that packets from outside come from', async () => {
    const spoken = fromServer(udp(53, 40_001, 'x'))
    expect(await roles([spoken, ...fromOutside])).toEqual(['10.0.0.1 role gateway (frames) frame 2'])
    expect(await roles([spoken, ...fromOutside.slice(1)])).toEqual([])
    // Hosts of another network behind it come from it, too: ARP says which address is its own.
    const routed = ethernet(ipv4('10.7.7.7', CLIENT, udp(1234, 40_002, 'x')), mac(1), CLIENT_MAC)
    expect(await roles([spoken, routed, ...fromOutside])).toEqual([])
    expect(await roles([spoken, routed, ...fromOutside, arpReply(mac(1), SERVER)])).toEqual(['10.0.0.1 role gateway (frames) frame 3'])
    expect(await roles([spoken, ...documented])).toEqual([])
  })

  it('NAT is an address whose connections several systems open, from one hardware address', async () => {
    const syn = (options: Uint8Array, window: number, ttl: number, hardware = CLIENT_MAC) =>
      ethernet(ipv4(CLIENT, '9.9.9.9', tcp(40_000 + ttl, 443, 'S', '', { window, options }), { ttl }), hardware, mac(1))
    const windows = syn(hex('020405b4 01 030308 01 01 0402'), 64_240, 127)
    const linux = hex('020405b4 0402 080a 0001e240 00000000 01 030307')
    expect(await roles([windows, syn(linux, 64_240, 63)])).toEqual(['10.0.0.5 role NAT (systems: Windows, Linux or Android) frame 2'])
    expect(await roles([windows, syn(linux, 64_240, 63, mac(77))])).toEqual([])
    expect(await roles([windows, windows])).toEqual([])
  })
})

it('roles are of hosts that answer', async () => {
  const roles = async (frames: Frame[]) => (await identities(frames)).filter((line) => line.includes(' role '))
  const bindAnswer = der(0x30, hex('02 01 01'), der(0x61, hex('0a 01 00 04 00 04 00')))
  const bind = der(0x30, hex('02 01 01'), der(0x60, hex('02 01 03'), der(0x04, ''), der(0x80, '')))
  const ldap = exchange(389, bind, bindAnswer)
  const kerberos = [fromClient(udp(40_000, 88, asRequest('alice'))), fromServer(udp(88, 40_000, asReply('alice')))]
  expect(await roles([...kerberos, ...ldap])).toEqual(['10.0.0.1 role domain controller (kerberos ldap) frame 1'])
  expect(await roles(kerberos.slice(0, 1))).toEqual([])
})

describe('hostile messages', () => {
  it('cut anywhere or changed anywhere, give names or nothing', () => {
    for (const whole of [asRequest('alice'), asReply('alice'), ntlmLogin('CORP', 'alice', 'PC')]) {
      for (let length = 0; length < Math.min(whole.length, 300); length++) {
        parseKerberos(whole, 0, length)
        findNtlm(whole, 0, length)
        const changed = whole.slice()
        changed[length] = 0xff
        parseKerberos(changed, 0, changed.length)
        findNtlm(changed, 0, changed.length)
      }
    }
  })

  it('one host with thousands of names keeps 32 of a kind, the others are counted', async () => {
    const frames = Array.from({ length: 100 }, (_, i) => fromClient(udp(40_000, 88, asRequest(`user-${i}`))))
    const found = await identities(frames)
    expect(found.filter((line) => line.includes(' account '))).toHaveLength(32)
  })
})
