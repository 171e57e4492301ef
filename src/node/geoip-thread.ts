// The thread behind GeoipThread: hosts in, places out.
import { parentPort, workerData } from 'node:worker_threads'
import { UsageError } from '../errors.ts'
import type { HostAddresses } from '../flows/hosts.ts'
import { HostLocator } from '../geo/index.ts'
import { ToldAddresses } from '../geo/told-addresses.ts'
import type { FromGeoip } from './analysis-geoip.ts'
import { type GeoipOptions, openGeoip } from './geoip.ts'

const addresses = new ToldAddresses()

function tell(message: FromGeoip): void {
  parentPort!.postMessage(message)
}

try {
  const geoip = await openGeoip(workerData as GeoipOptions)
  const locator = new HostLocator(geoip?.lookup ?? null)
  parentPort!.on('message', (told: HostAddresses | null) => {
    if (told !== null) addresses.add(told)
    locator.advance(addresses, Number.POSITIVE_INFINITY)
    if (told === null) tell({ kind: 'done', lookups: locator.lookups(), warnings: geoip?.warnings ?? [] })
  })
  tell({ kind: 'opened', source: geoip?.source ?? null, warnings: geoip?.warnings ?? [] })
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message, isUsage: error instanceof UsageError })
}
