// An infection, step by step: a lease, a login, a download, a beacon, another machine taken over, data sent out; with what a report has to say of it.
import { join, u32 } from '../support/build.ts'
import { asReply, asRequest } from '../support/windows-logins.ts'
import { background } from './background/index.ts'
import { beacon } from './beacons.ts'
import { exfiltration } from './outflow.ts'
import { written } from './set.ts'
import { type Download, programDownload } from './web.ts'
import { remoteProcedures } from './windows.ts'
import { World } from './world.ts'

export interface Chain {
  pcap: Uint8Array
  /** The machine that was infected, and whose account was used on it. */
  victim: { ip: string; mac: string; hostName: string; account: string }
  /** The machine that it took over afterwards. */
  second: string
  /** The domain controller, which only answers. */
  controller: string
  /** What to look for elsewhere. */
  addresses: string[]
  names: string[]
  httpTarget: string
}

const SECONDS = 2_400
const PROGRAMS: Download[] = [
  { program: 'PE', target: '/images/logo.png', contentType: 'image/png', isNamed: true, isSplit: false },
  { program: 'ELF', target: '/news.txt', contentType: 'text/plain', isNamed: true, isSplit: true },
]

export function infectionChain(seed: number): Chain {
  const world = new World({ seed, seconds: SECONDS, loss: 0, isBehindNat: false })
  background(world, 0.15)
  const ip = world.newcomer()
  const second = world.newcomer()
  const controller = world.newcomer()
  const hardware = world.hardwareOf(ip)
  const hostName = `ws-${seed}-${world.whole(100, 999)}`
  const user = `user.${world.whole(10, 99)}`
  const options = join(0x63, 0x82, 0x53, 0x63, 53, 1, 3, 12, hostName.length, hostName, 255)
  const lease = join(
    1,
    1,
    6,
    0,
    u32(7),
    u32(0),
    Uint8Array.from(ip.split('.').map(Number)),
    new Uint8Array(12),
    hardware,
    new Uint8Array(202),
    options,
  )
  world.udp(world.at(20), ip, 68, world.router, 67, lease)
  const port = world.port()
  world.udp(world.at(40), ip, port, controller, 88, asRequest(user))
  world.udp(world.at(40.02), controller, 88, ip, port, asReply(user))
  const download = world.pick(PROGRAMS)
  const from = programDownload(world, 100, download, ip)
  const control = beacon(world, 140, { periodS: 60, jitter: 0.1, periods: 30, carrier: 'https' }, ip)
  remoteProcedures(world, 700, { interface: 'svcctl', operations: [15, 12, 19], over: 'smb' }, ip, second)
  const out = exfiltration(world, 1_300, 'https', 30, ip)
  return {
    pcap: written(world.sorted()),
    victim: {
      ip,
      mac: [...hardware].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
      hostName,
      account: `${user}@CORP.EXAMPLE`,
    },
    second,
    controller,
    addresses: [from.ip, control.ip, out.ip],
    names: [from.name, control.name, out.name],
    httpTarget: from.name + download.target,
  }
}
