// An ordinary day in a small network: what always happens, and of the rest so much as chance gives.

import { guardedLogins } from '../clear-logins.ts'
import { plainTls, soundTls } from '../handshakes.ts'
import { askingRouter, linkNames, secondaryServer, twoFaces } from '../link-names.ts'
import {
  bondedCards,
  failoverDhcp,
  gratuitousArp,
  leases,
  poweredUp,
  routerAdvertisements,
  secondRouter,
  startOfWork,
  twoAddresses,
  wifiBridge,
} from '../neighbours.ts'
import { brokenPages, longPolling, webDay } from '../web.ts'
import { domainDay } from '../windows.ts'
import type { World } from '../world.ts'
import { banners, busyServer, crawler, exchange, leftovers, mailOut, missingNames, phones, quicBlocked, underWay } from './crowds.ts'
import {
  backscatter,
  broadcastTool,
  chance,
  otherPorts,
  passiveTransfers,
  peers,
  pings,
  stubbornClient,
  unreachable,
  webSockets,
  wokenUp,
} from './decoys.ts'
import {
  announcements,
  backup,
  builds,
  databaseClients,
  directory,
  healthChecks,
  listLookups,
  monitoring,
  reputationLookups,
  textLookups,
  time,
  updates,
} from './machines.ts'
import { browsing, call, download, longShell, mail } from './people.ts'

const SOMETIMES: ((world: World) => void)[] = [
  directory,
  monitoring,
  healthChecks,
  databaseClients,
  builds,
  listLookups,
  reputationLookups,
  backup,
  call,
  peers,
  backscatter,
  passiveTransfers,
  stubbornClient,
  pings,
  unreachable,
  otherPorts,
  busyServer,
  crawler,
  quicBlocked,
  mailOut,
  phones,
  exchange,
  banners,
  missingNames,
  underWay,
  leftovers,
  bondedCards,
  wifiBridge,
  twoAddresses,
  broadcastTool,
  webSockets,
  wokenUp,
  domainDay,
  webDay,
  linkNames,
  secondaryServer,
  askingRouter,
  failoverDhcp,
  secondRouter,
  startOfWork,
  twoFaces,
  (world) => chance(world, world.pick([5, 20, 60])),
  (world) => download(world, world.whole(2, 6)),
  (world) => longShell(world, world.site()),
  (world) => guardedLogins(world, world.between(5, world.seconds / 2)),
]

/** What came later; it is drawn after the attacks, so that these stay where they are. */
const LATER: ((world: World) => void)[] = [textLookups, plainTls, brokenPages, longPolling, poweredUp]

/** `share` of what may happen does. */
export function background(world: World, share = 0.5): void {
  browsing(world, Math.min(80, 40_000 / world.seconds))
  mail(world)
  time(world)
  updates(world)
  announcements(world)
  leases(world)
  gratuitousArp(world)
  routerAdvertisements(world)
  for (let count = 0; count < 6; count++) soundTls(world, world.between(1, world.seconds - 20))
  for (const scene of SOMETIMES) if (world.random() < share) scene(world)
}

export function laterBackground(world: World, share: number): void {
  for (const scene of LATER) if (world.random() < share) scene(world)
}
