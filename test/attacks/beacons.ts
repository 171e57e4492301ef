// Programs that call home: at a pace that is theirs, give or take some jitter, with nearly the same number of bytes.

import type { Site } from '../../fixtures/generate/demo/places.ts'
import { httpRequest } from '../support/messages.ts'
import type { World } from './world.ts'

export type Carrier = 'https' | 'https many addresses' | 'http' | 'tcp' | 'udp'

export interface Beacon {
  periodS: number
  /** Share of the period: every gap is the period give or take at most this share of it. */
  jitter: number
  periods: number
  carrier: Carrier
}

export function beacon(world: World, atS: number, { periodS, jitter, periods, carrier }: Beacon, client = world.newcomer()): Site {
  const site = world.site(`${world.pick(['cdn', 'api', 'update', 'www'])}.${world.brand()}-${world.pick(['sync', 'stat', 'edge'])}.com`)
  const fronts = [site.ip, world.outsider(), world.outsider()]
  const up = world.whole(150, 900)
  let nowS = atS
  for (let count = 0; count <= periods; count++) {
    const here = carrier === 'https many addresses' ? { ...site, ip: world.pick(fronts) } : site
    const atUs = world.at(nowS)
    const sizes = { up: up + world.whole(0, 12), down: world.whole(180, 230) }
    if (carrier === 'https' || carrier === 'https many addresses') world.https(atUs, client, here, [sizes])
    else if (carrier === 'http') {
      const turns = [
        { from: 'client' as const, data: httpRequest(site.name, `/pixel?id=${'a'.repeat(sizes.up - 150 > 0 ? 40 : 20)}`) },
        { from: 'server' as const, data: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' },
      ]
      world.tcp(world.lookUp(atUs, client, site), world.outward(client, site, 80), turns)
    } else if (carrier === 'tcp') {
      const turns = [
        { from: 'client' as const, data: world.bytes(sizes.up) },
        { from: 'server' as const, data: world.bytes(sizes.down) },
      ]
      world.tcp(atUs, world.outward(client, site, 4444), turns)
    } else {
      const port = world.port()
      world.udp(atUs, client, port, site.ip, 8089, world.bytes(sizes.up))
      world.udp(atUs + site.rttMs * 1000, site.ip, 8089, client, port, world.bytes(sizes.down))
    }
    nowS += periodS * (1 + jitter * world.between(-1, 1))
  }
  const target = carrier === 'https many addresses' ? null : site.ip
  world.label(
    'beacon',
    `${carrier} every ${periodS} s, jitter ${jitter}, ${periods} periods`,
    client,
    target,
    atS,
    nowS,
    carrier === 'tcp' ? ['unusual-port'] : [],
  )
  return site
}
