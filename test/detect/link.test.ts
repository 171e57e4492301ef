// What a machine can do on its own link: scan by ARP, answer for the names of others; and whole zones of DNS.
import { expect, it } from 'vitest'
import { arpScan, askingRouter, linkNames, namePoisoning, secondaryServer, zoneTransfer } from '../attacks/link-names.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { findingsOf } from '../evaluate/findings.ts'

async function findings(act: (world: World) => void): Promise<string[]> {
  const world = new World({ seed: 5, seconds: 900, loss: 0, isBehindNat: false })
  act(world)
  const found = (await findingsOf(written(world.sorted()))).findings
  return found.map(({ severity, rule, title }) => `${severity} ${rule} ${title}`)
}

it('forty addresses asked for within a minute are a scan, thirty-nine none, and neither are as many in hours', async () => {
  // One of the first forty-one addresses may be the asker's own, which it announces.
  expect(await findings((world) => arpScan(world, 10, 40, 10))).toEqual([
    expect.stringMatching(/^medium arp-scan .* for 40 addresses in 3.9 s/),
  ])
  expect(await findings((world) => arpScan(world, 10, 39, 10))).toEqual([])
  expect(await findings((world) => arpScan(world, 10, 80, 0.5))).toEqual([])
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
