// The thread of AnalysisGeoip: addresses in, in several messages; their locations out, at the end.
import { parentPort, workerData } from 'node:worker_threads'
import type { HostAddresses } from '../../flows/hosts.ts'
import { HostLocator } from '../../geo/index.ts'
import { ReceivedAddresses } from '../../geo/received-addresses.ts'
import type { GeoipAnswer } from '../geoip/analysis-geoip.ts'
import { type GeoipOptions, openGeoip } from '../geoip/geoip.ts'

const geoip = await openGeoip(workerData as GeoipOptions)
const locator = new HostLocator(geoip?.lookup ?? null)
const addresses = new ReceivedAddresses()

parentPort!.on('message', (added: HostAddresses | null) => {
  if (added !== null) addresses.add(added)
  locator.advance(addresses, Number.POSITIVE_INFINITY)
  if (added !== null) return
  const answer: GeoipAnswer = { lookups: locator.lookups(), warnings: geoip?.warnings ?? [] }
  parentPort!.postMessage(answer)
})
