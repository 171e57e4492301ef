// npm run bench:live-page: what an update of the live page costs its worker: a report of 100,000 conversations, ten updates a second with 200 changed ones
// and 20 new ones each. Runs the worker's own functions in Node, with the page's options.
import { parseArgs } from 'node:util'
import initSqlJs from 'sql.js'
import { ANSWERS } from '../../site/src/worker/answers/index.ts'
import { openReport } from '../../site/src/worker/data/open-report.ts'
import type { LiveFlow } from '../../src/contract/live-feed.ts'
import type { LiveChange } from '../../src/contract/live-message.ts'
import { TCP_COLUMNS } from '../../src/store/tcp-columns.ts'
import { LARGE, makeLargeDatabase } from '../support/large-database.ts'
import { FIRST_US } from '../support/sample-database.ts'

const { values: options } = parseArgs({
  options: {
    updates: { type: 'string', default: '50' },
    changed: { type: 'string', default: '200' },
    new: { type: 'string', default: '20' },
  },
})

const EVERY_US = 100_000
/** Of so many changed conversations one repeats a segment. */
const REPEATS = 20
/** As src/live/changes.ts has in a batch. */
const TCP_ROWS = 20
const START_US = FIRST_US + LARGE.ticks * 1e6

function flow(id: number, atUs: number, packets: number): LiveFlow {
  return {
    ...{ id, transport: 'tcp', protocolNumber: 6, clientHostId: 1 + (id % 50), clientPort: 50_000, serverHostId: 51 + (id % 1900) },
    ...{ serverPort: 443, firstUs: FIRST_US, lastUs: atUs, clientPackets: packets, serverPackets: packets, clientBytes: packets * 900 },
    ...{ serverBytes: packets * 900, clientTcpFlags: 27, serverTcpFlags: 27, state: 'SF', application: 'tls', serverName: 'example.org' },
  }
}

/** Those that change wander through the old ones. */
function change(update: number): LiveChange {
  const atUs = START_US + update * EVERY_US
  const flows: LiveFlow[] = []
  for (let index = 0; index < Number(options.changed); index++)
    flows.push(flow(1 + ((update * 37 + index * 487) % LARGE.flows), atUs, 1000 + update))
  const known = LARGE.flows + update * Number(options.new)
  for (let index = 1; index <= Number(options.new); index++) flows.push(flow(known + index, atUs, 2))
  const totals = {
    packets: 600_000 + update,
    ipPackets: 600_000 + update,
    bytes: 1e9,
    flows: known,
    hosts: LARGE.hosts,
    packetsPerSecond: 1,
    bytesPerSecond: 1,
  }
  return {
    ...{ type: 'change', after: update, sequence: update + 1, flows, hosts: [], nowUs: atUs },
    retransmissions: flows.filter((_, i) => i % REPEATS === 0).map(({ id }) => ({ flowId: id, client: update + 1, server: 0 })),
    tcp: flows.slice(0, TCP_ROWS).map(({ id }) => [id, ...TCP_COLUMNS.map(() => update)]),
    totals: { ...totals, firstUs: FIRST_US, lastUs: atUs },
    drops: { kernel: 0, queue: 0, isEstimate: false },
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1].toFixed(1)

const bytes = await makeLargeDatabase()
const { Database } = await initSqlJs()
const report = openReport(new Database(bytes), bytes, { nowUs: 0, before: null })
const took: Record<string, number[]> = { live: [], match: [], slices: [] }
const time = (what: string, run: () => unknown) => {
  const startMs = performance.now()
  run()
  took[what].push(performance.now() - startMs)
}
for (let update = 0; update < Number(options.updates); update++) {
  time('live', () => ANSWERS.live(report, { changes: [change(update)], tables: [], nowUs: START_US + update * EVERY_US }))
  time('match', () => ANSWERS.match(report, { span: null, filterText: '' }))
  time('slices', () => ANSWERS.slices(report, { filterText: '', trailSeconds: 5, mostArcs: 3000 }))
}
console.log('| part of an update | median ms | longest ms |\n|---|---|---|')
for (const [what, all] of Object.entries(took)) console.log(`| ${what} | ${median(all)} | ${Math.max(...all).toFixed(1)} |`)
