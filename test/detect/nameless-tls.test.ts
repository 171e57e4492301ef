// TLS without a name to a server outside that signed its own certificate is a finding of its own; one of both alone is none of medium severity.
import { expect, it } from 'vitest'
import { namelessTls, plainTls, weakTls } from '../attacks/handshakes.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { findingsOf } from '../evaluate/findings.ts'

async function findings(act: (world: World) => void): Promise<string[]> {
  const world = new World({ seed: 12, seconds: 900, loss: 0, isBehindNat: false })
  act(world)
  const { findings: found } = await findingsOf(written(world.sorted()))
  return found.filter(({ severity }) => severity !== 'info').map(({ severity, rule, title }) => `${severity} ${rule} ${title}`)
}

it('is one finding of a client and a port, and no weak TLS beside it', async () => {
  expect(await findings((world) => namelessTls(world, 50, 'localhost', 443, 3))).toEqual([
    expect.stringMatching('^medium nameless-tls .* spoke TLS with .* port 443 without a name, .* itself: 3 conversations in '),
  ])
})

it('with a name is weak TLS', async () => {
  const found = await findings((world) => weakTls(world, 50, 'self-signed'))
  expect(found).toEqual([expect.stringMatching('^low weak-tls .* a certificate it signed itself')])
})

it('is none for devices inside, servers that an authority knows, mail, and servers called by name', async () => {
  const found = await findings(plainTls)
  expect(found.filter((line) => line.includes('nameless-tls'))).toEqual([])
  expect(found.filter((line) => !line.startsWith('low'))).toEqual([])
})
