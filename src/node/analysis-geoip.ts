// Geolocation for an analysis: the databases asked in this thread, or in one of their own while packets are still being read.
import { Worker } from 'node:worker_threads'
import { UsageError } from '../errors.ts'
import type { HostTable } from '../flows/hosts.ts'
import { type Geolocator, type Lookups, lookUp } from '../geo/index.ts'
import type { GeoSource } from '../types.ts'
import { type GeoipOptions, openGeoip } from './geoip.ts'

/** What the thread says. */
export type FromGeoip =
  | { kind: 'opened'; source: GeoSource | null; warnings: string[] }
  | { kind: 'failed'; message: string; isUsage: boolean }
  | { kind: 'done'; lookups: Lookups; warnings: string[] }

/** Databases at work. */
export interface AnalysisGeoip extends Geolocator {
  /** One line each; complete once all hosts are looked up. */
  warnings: string[]
}

export interface GeoipStart {
  /** Null: there are no databases. UsageError: what the user named is none. */
  geoip: Promise<AnalysisGeoip | null>
  close(): Promise<void>
}

/** Hosts that make it worth waking the thread. */
const BATCH = 512

/** @param inThread for large captures: a thread takes longer to start than a few hosts to look up */
export function startGeoip(options: GeoipOptions, inThread: boolean): GeoipStart {
  const start = inThread ? startThread(options) : { geoip: openHere(options), close: async () => {} }
  start.geoip.catch(() => {}) // told where it is awaited
  return start
}

async function openHere(options: GeoipOptions): Promise<AnalysisGeoip | null> {
  const geoip = await openGeoip(options)
  return geoip && { ...geoip, follow: () => {}, lookUp: (hosts) => lookUp(hosts, geoip.lookup) }
}

function startThread(workerData: GeoipOptions): GeoipStart {
  const worker = new Worker(new URL('./geoip-thread.js', import.meta.url), { workerData })
  const geoip = new Promise<AnalysisGeoip | null>((resolve, reject) => {
    worker.on('error', reject)
    worker.once('message', (message: FromGeoip) => {
      if (message.kind === 'failed') reject(message.isUsage ? new UsageError(message.message) : new Error(message.message))
      else if (message.kind === 'opened') resolve(message.source && new ThreadGeoip(worker, message.source, message.warnings))
    })
  })
  return { geoip, close: async () => void (await worker.terminate()) }
}

class ThreadGeoip implements AnalysisGeoip {
  readonly source: GeoSource
  warnings: string[]
  private readonly worker: Worker
  private readonly done: Promise<Lookups>
  /** Hosts the thread knows of. */
  private told = 0

  constructor(worker: Worker, source: GeoSource, warnings: string[]) {
    this.worker = worker
    this.source = source
    this.warnings = warnings
    this.done = new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('message', (message: FromGeoip) => {
        if (message.kind !== 'done') return
        this.warnings = message.warnings
        resolve(message.lookups)
        void worker.terminate() // the databases are large, and no longer needed
      })
    })
    this.done.catch(() => {}) // told where it is awaited
  }

  follow(hosts: HostTable): void {
    if (hosts.count - this.told >= BATCH) this.tell(hosts)
  }

  lookUp(hosts: HostTable): Promise<Lookups> {
    this.tell(hosts)
    this.worker.postMessage(null)
    return this.done
  }

  private tell(hosts: HostTable): void {
    const addresses = hosts.addresses(this.told)
    this.told = hosts.count
    this.worker.postMessage(addresses, [addresses.bytes.buffer, addresses.families.buffer] as ArrayBuffer[])
  }
}
