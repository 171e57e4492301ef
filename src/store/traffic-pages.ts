// Counters of packets -> b-tree leaves of the tables activity and packets, and the sums of each tick. Plain data in and out, so that
// another thread can do it during geolocation and detection.
import {
  type Activity,
  BYTES,
  FLOW,
  INTS,
  PACKETS,
  REALS,
  REPEATED,
  sortActivity,
  sortActivityInPlace,
  TICK,
  type UnsortedActivity,
} from '../flows/activity.ts'
import type { PacketColumns } from '../flows/packets.ts'
import type { Span } from '../flows/spans.ts'
import { type LeafSink, LeafStore, LeafWriter, type Leaves, type TableRows } from '../sqlite/btree-leaves.ts'
import { SqliteRecord } from '../sqlite/record-writer.ts'

/** Estimated bytes per row of the tables. */
const ACTIVITY_BYTES = 20
const PACKET_BYTES = 32

/** Fewer rows of activity take less time than starting a thread. */
export const MANY_ROWS = 100_000

export interface TrafficNumbers {
  activity: UnsortedActivity
  packets: PacketColumns
  /** By conversation: 1 if the end seen first is the client. */
  isFirstClient: Uint8Array
  /** By conversation: 1 if TCP. */
  isTcp: Uint8Array
}

export interface TrafficPages {
  /** Start of the timeline, as in Activity. */
  firstUs: number
  tickUs: number
  /** Number of ticks from firstUs to the last packet. */
  ticks: number
  /** If a clock jumped, the part with the packets, in whole ticks; else null. */
  main: Span | null
  sums: TickSums
  activity: Leaves
  retransmissions: Leaves
  packets: Leaves
  /** If another thread makes them: as they are ready, first those of `flows`. */
  conversations?: AsyncIterable<PartOfTable>
}

/** Successive pages of a table; the last part ends with the table's last page. */
export interface PartOfTable {
  table: 'flows' | 'tcp'
  rows: TableRows
}

/** Sums over all conversations, by tick. */
export interface TickSums {
  /** Tick numbers; null for 0, 1, 2, ... See UnsortedActivity. */
  numbers: Float64Array | null
  packets: Float64Array
  bytes: Float64Array
}

export function makeTrafficPages(numbers: TrafficNumbers): TrafficPages {
  return pagesOf(numbers, sumTicks(numbers.activity), sortActivity(numbers.activity))
}

/** The same with less memory; the rows of activity are changed. */
export function turnIntoPages(numbers: TrafficNumbers): TrafficPages {
  return pagesOf(numbers, sumTicks(numbers.activity), sortActivityInPlace(numbers.activity))
}

function pagesOf(numbers: TrafficNumbers, sums: TickSums, activity: Activity): TrafficPages {
  const { firstUs, tickUs, ticks, main } = activity
  const beginOf = (us: number) => firstUs + Math.floor((us - firstUs) / tickUs) * tickUs
  return {
    ...{ firstUs, tickUs },
    ticks: activity.numbers === null ? ticks : activity.numbers[ticks - 1] + 1,
    main: main === null ? null : { fromUs: beginOf(main.fromUs), toUs: beginOf(main.toUs) + tickUs - 1 },
    sums,
    activity: leavesOf(activity.order.length * ACTIVITY_BYTES, (sink) => writeActivity(sink, [activity], numbers.isFirstClient)),
    retransmissions: leavesOf(0, (sink) => writeRetransmissions(sink, [activity], numbers.isFirstClient)),
    packets: leavesOf(numbers.packets.count * PACKET_BYTES, (sink) => writePackets(sink, numbers)),
  }
}

function leavesOf(room: number, write: (sink: LeafSink) => void): Leaves {
  const store = new LeafStore(room)
  write(store)
  return store.leaves()
}

function sumTicks({ count, ints, firstTick, ticks, numbers }: UnsortedActivity): TickSums {
  const reals = new Float64Array(ints.buffer)
  const packets = new Float64Array(ticks)
  const bytes = new Float64Array(ticks)
  for (let row = 0; row < count; row++) {
    const tick = ints[row * INTS + TICK] - firstTick
    packets[tick] += ints[row * INTS + PACKETS] + ints[row * INTS + PACKETS + 1]
    bytes[tick] += reals[row * REALS + BYTES] + reals[row * REALS + BYTES + 1]
  }
  return { numbers, packets, bytes }
}

/** @param parts of a timeline, in its order; a tick lies in one of them */
export function writeActivity(sink: LeafSink, parts: Iterable<Activity>, isFirstClient: Uint8Array): void {
  writeByTick(sink, parts, (record, { ints, reals }, row, flow) => {
    const int = row * INTS
    const real = row * REALS
    const fromClient = isFirstClient[flow] === 1 ? 0 : 1
    record.integer(ints[int + PACKETS + fromClient])
    record.integer(ints[int + PACKETS + 1 - fromClient])
    record.integer(reals[real + BYTES + fromClient])
    record.integer(reals[real + BYTES + 1 - fromClient])
  })
}

/** @param parts as of writeActivity() */
export function writeRetransmissions(sink: LeafSink, parts: Iterable<Activity>, isFirstClient: Uint8Array): void {
  writeByTick(sink, repeatedOf(parts), (record, { ints }, row, flow) => {
    const int = row * INTS
    const fromClient = isFirstClient[flow] === 1 ? 0 : 1
    record.integer(ints[int + REPEATED + fromClient])
    record.integer(ints[int + REPEATED + 1 - fromClient])
  })
}

function* repeatedOf(parts: Iterable<Activity>): Generator<Activity> {
  for (const part of parts) {
    const { ints, order } = part
    yield { ...part, order: order.filter((row) => ints[row * INTS + REPEATED] + ints[row * INTS + REPEATED + 1] > 0) }
  }
}

/** Records that begin with tick and conversation. */
function writeByTick(
  sink: LeafSink,
  parts: Iterable<Activity>,
  add: (record: SqliteRecord, part: Activity, row: number, flow: number) => void,
): void {
  const table = new LeafWriter('withoutRowid', sink)
  const record = new SqliteRecord()
  for (const part of parts) {
    const { order, ints, firstTick, numbers } = part
    for (let i = 0; i < order.length; i++) {
      const int = order[i] * INTS
      const tick = ints[int + TICK] - firstTick
      record.begin()
      record.integer(numbers === null ? tick : numbers[tick])
      record.integer(ints[int + FLOW] + 1)
      add(record, part, order[i], ints[int + FLOW])
      record.finish()
      table.add(record, 0)
    }
  }
  table.finish()
}

export function writePackets(sink: LeafSink, { packets, isFirstClient, isTcp }: Omit<TrafficNumbers, 'activity'>): void {
  const table = new LeafWriter('rowid', sink)
  const record = new SqliteRecord()
  for (let row = 0; row < packets.count; row++) {
    const flow = packets.flow[row]
    const isFromFirst = packets.direction[row] === 0 ? 1 : 0
    record.begin()
    record.null() // id
    record.integer(flow + 1)
    record.integer(packets.timeUs[row])
    record.integer(isFromFirst === isFirstClient[flow] ? 1 : 0)
    record.integer(packets.bytes[row])
    record.integerOrNull(isTcp[flow] === 1 ? packets.tcpFlags[row] : null)
    record.integer(packets.frame[row])
    record.integer(packets.capture[row] + 1)
    record.finish()
    table.add(record, row + 1)
  }
  table.finish()
}
