// What a machine can do on its own link: scan by ARP, answer for the names of others; and whole zones of DNS.
import { expect, it } from 'vitest'
import { synAckFlood } from '../attacks/floods.ts'
import { encryptedDns } from '../attacks/handshakes.ts'
import {
  arpScan,
  askingRouter,
  dnsRebinding,
  linkNames,
  namePoisoning,
  secondaryServer,
  twoFaces,
  zoneTransfer,
} from '../attacks/link-names.ts'
import { dhcpStarvation, largeLink, macFlood, poweredUp, startOfWork } from '../attacks/neighbours.ts'
import { osScan, quietSweep } from '../attacks/scans.ts'
import type { World } from '../attacks/world.ts'
import { linesOf } from '../evaluate/findings.ts'

const findings = (act: (world: World) => void) => linesOf(act, 5, 900)

it('forty addresses asked for within a minute are a scan, thirty-nine none, and neither are as many in hours', async () => {
  // One of the first forty-one addresses may be the asker's own, which it announces.
  expect(await findings((world) => arpScan(world, 10, 40, 10))).toEqual([
    expect.stringMatching(/^medium arp-scan .* for 40 addresses in 3.9 s/),
  ])
  expect(await findings((world) => arpScan(world, 10, 39, 10))).toEqual([])
  expect(await findings((world) => arpScan(world, 10, 80, 0.5))).toEqual([])
})

it('a thousand hardware addresses within ten seconds are a flood; fewer, a large link, and telephones that power up are none', async () => {
  const flood = async (frames: number, perSecond: number) =>
    (await findings((world) => macFlood(world, 10, frames, perSecond))).filter((line) => line.includes('mac-flood'))
  expect(await flood(1000, 1000)).toEqual([
    'high mac-flood Frames of 1,000 hardware addresses came within 1 s, each for one IP address of its own, and none was answered.',
  ])
  expect(await flood(999, 1000)).toEqual([])
  expect(await flood(2000, 90)).toEqual([])
  expect((await findings(largeLink)).filter((line) => line.includes('mac-flood'))).toEqual([])
  expect((await findings(poweredUp)).filter((line) => !line.startsWith('info'))).toEqual([])
})

it('a router asks for what is tried from outside', async () => {
  const found = await findings((world) => {
    askingRouter(world)
    world.udp(world.at(5), '8.8.8.8', 53, world.server, 5353, 'x')
  })
  expect(found.filter((line) => line.includes('arp-scan'))).toEqual([expect.stringMatching(/^info arp-scan/)])
})

it('answers for three names of others poison, answers for the own name do not', async () => {
  expect(await findings((world) => namePoisoning(world, 10, 3, 2))).toEqual([
    expect.stringMatching(/^high name-poisoning .* for 3 names as its own.*: fileserver, printer and wpad/),
  ])
  expect(await findings((world) => namePoisoning(world, 10, 2, 2))).toEqual([])
  expect(await findings(linkNames)).toEqual([])
})

it('a zone given to a host that answers no questions, refused to it, and taken by a secondary server', async () => {
  expect(await findings((world) => zoneTransfer(world, 10, true))).toEqual([expect.stringMatching(/^medium zone-transfer .* and got it/)])
  expect(await findings((world) => zoneTransfer(world, 10, false))).toEqual([expect.stringMatching(/^low zone-transfer/)])
  expect(await findings(secondaryServer)).toEqual([expect.stringMatching(/^info zone-transfer .* whole zone corp-example.com/)])
})

it('a hundred clients that ask DHCP within a minute are no clients', async () => {
  expect(await findings((world) => dhcpStarvation(world, 10, 100, 2, true))).toEqual([
    expect.stringMatching(/^high dhcp-starvation 02:00:00:00:0a:65 asked DHCP for addresses for 100 clients in 50 s/),
  ])
  expect(await findings((world) => dhcpStarvation(world, 10, 500, 100, false))).toEqual([
    expect.stringMatching(/^medium dhcp-starvation Somebody asked DHCP for addresses for 500 clients/),
  ])
  expect(await findings((world) => dhcpStarvation(world, 10, 99, 2, true))).toEqual([])
  expect(await findings((world) => dhcpStarvation(world, 10, 200, 1, true))).toEqual([])
  expect(await findings(startOfWork)).toEqual([])
})

it('a name that moves inside is bound again, one that is asked of two servers, or is inside at all times, is not', async () => {
  const quiet = (lines: string[]) => lines.filter((line) => !line.startsWith('info'))
  expect(quiet(await findings((world) => dnsRebinding(world, 10, 60, '192.168.99.1')))).toEqual([
    expect.stringMatching(/^medium dns-rebinding .* was [0-9.]+ for [0-9.]+, and 192.168.99.1 60 s later, which it then contacted\.$/),
  ])
  expect(quiet(await findings((world) => dnsRebinding(world, 10, 60, '127.0.0.1')))).toEqual([
    expect.stringMatching(/^low dns-rebinding .* and 127.0.0.1 60 s later\.$/),
  ])
  expect(quiet(await findings(twoFaces))).toEqual([])
})

it('encrypted DNS is said, and no more', async () => {
  const found = await findings((world) => {
    encryptedDns(world, 10, 'mozilla.cloudflare-dns.com', 443)
    encryptedDns(world, 60, 'resolver.example.net', 853)
  })
  expect(found).toEqual([
    expect.stringMatching(/^info encrypted-dns .* asked mozilla.cloudflare-dns.com by encrypted DNS, 1 conversation\.$/),
    expect.stringMatching(/^info encrypted-dns .* asked resolver.example.net by encrypted DNS/),
  ])
})

it('the series of nmap -O, and hosts looked for by other requests than echo', async () => {
  expect(await findings((world) => osScan(world, 10, 1))).toEqual([
    expect.stringMatching(/^medium os-scan .* sent .* 3 probes with flags that no connection has/),
  ])
  for (const kind of ['timestamp', 'ack'] as const) {
    expect(await findings((world) => quietSweep(world, 10, 30, kind))).toEqual([expect.stringMatching(/^(low|medium) sweep .* 30 hosts/)])
    expect(await findings((world) => quietSweep(world, 10, 20, kind))).toEqual([])
  }
})

it('SYN-ACKs of many servers that nobody asked', async () => {
  const reflected = { perSecond: 100, seconds: 10, sources: 20, towards: 'inside' } as const
  expect(await findings((world) => synAckFlood(world, 10, reflected))).toEqual([
    expect.stringMatching(/^medium flood .* of SYN-ACK it had not asked for, from 20 servers/),
  ])
  expect(await findings((world) => synAckFlood(world, 10, { ...reflected, sources: 9 }))).toEqual([])
})
