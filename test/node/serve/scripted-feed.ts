// A running capture under a test's control: the sample database, and what the test says happens after it.
import initSqlJs from 'sql.js'
import type { LiveBatch, LiveFeed, LiveFlow, LiveHost, LiveSnapshot, LiveStatus } from '../../../src/contract/live-feed.ts'
import { DURATION_US, FIRST_US, makeSampleDatabase } from '../../support/sample-database.ts'

export const LAST_US = FIRST_US + DURATION_US

/** Sydney: where nothing of the sample is. */
export const SYDNEY: LiveHost = {
  id: 8,
  ip: '1.1.1.1',
  scope: 'public',
  asn: 13335,
  asName: 'CLOUDFLARENET',
  name: null,
  nameSource: null,
  place: { latitudeDeg: -33.87, longitudeDeg: 151.21, city: 'Sydney', country: 'Australia', countryCode: 'AU', precision: 'city' },
}

/** From the sample's first host (Nairobi) to the one given; packets and bytes each way. */
export function flowTo(host: number, id: number, seconds: number, change: Partial<LiveFlow> = {}): LiveFlow {
  return {
    id,
    transport: 'tcp',
    protocolNumber: 6,
    clientHostId: 1,
    clientPort: 51_000 + id,
    serverHostId: host,
    serverPort: 443,
    firstUs: LAST_US + Math.round(seconds * 1e6),
    lastUs: LAST_US + Math.round(seconds * 1e6),
    clientPackets: 2,
    serverPackets: 3,
    clientBytes: 200,
    serverBytes: 3000,
    clientTcpFlags: 18,
    serverTcpFlags: 18,
    state: 'S1',
    application: 'tls',
    serverName: 'one.example',
    ...change,
  }
}

export class ScriptedFeed implements LiveFeed {
  #listeners = new Set<(batch: LiveBatch) => void>()
  #enders: (() => void)[] = []
  #sequence = 0
  #database: Promise<Uint8Array> = makeSampleDatabase()
  #totals = {
    packets: 30,
    ipPackets: 30,
    bytes: 10_000,
    flows: 7,
    hosts: 7,
    packetsPerSecond: 0,
    bytesPerSecond: 0,
    firstUs: FIRST_US,
    lastUs: LAST_US,
  }
  #endedBy = ''
  snapshots = 0
  drops = { kernel: 0, queue: 0, isEstimate: false }

  subscribe(listener: (batch: LiveBatch) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onEnd(listener: () => void): void {
    this.#enders.push(listener)
  }

  async snapshot(): Promise<LiveSnapshot> {
    this.snapshots++
    const sequence = this.#sequence
    return { database: (await this.#database).slice(), sequence }
  }

  status(): LiveStatus {
    return {
      state: this.#endedBy ? 'ended' : 'capturing',
      reportName: 'eth7',
      interfaceName: 'eth7',
      filter: '',
      via: 'cap',
      startedMs: FIRST_US / 1000,
      endsMs: null,
      endedBy: this.#endedBy,
      totals: this.#totals,
      drops: this.drops,
      top: [],
      warnings: [],
      savedMs: null,
    }
  }

  /** Changes the snapshots from now on, as detection does that looks at the whole capture. */
  async edit(sql: string): Promise<void> {
    const { Database } = await initSqlJs()
    const database = new Database(await this.#database)
    database.run(sql)
    this.#database = Promise.resolve(database.export())
    database.close()
  }

  /** The next batch; totals grow by what it brings. */
  push({
    flows = [],
    retransmissions = [],
    tcp = [],
    hosts = [],
    packets = [],
  }: Partial<Pick<LiveBatch, 'flows' | 'retransmissions' | 'tcp' | 'hosts' | 'packets'>> = {}): void {
    const lastUs = Math.max(this.#totals.lastUs, ...flows.map((flow) => flow.lastUs))
    const bytes = flows.reduce((sum, flow) => sum + flow.clientBytes + flow.serverBytes, 0)
    const count = flows.reduce((sum, flow) => sum + flow.clientPackets + flow.serverPackets, 0)
    this.#totals = {
      ...this.#totals,
      packets: this.#totals.packets + count,
      ipPackets: this.#totals.ipPackets + count,
      bytes: this.#totals.bytes + bytes,
      flows: this.#totals.flows + flows.length,
      hosts: this.#totals.hosts + hosts.length,
      lastUs,
    }
    const batch = { sequence: ++this.#sequence, packets, flows, retransmissions, tcp, hosts, totals: this.#totals, drops: this.drops }
    for (const listener of this.#listeners) listener(batch)
  }

  end(endedBy: string): void {
    this.#endedBy = endedBy
    for (const listener of this.#enders) listener()
  }
}
