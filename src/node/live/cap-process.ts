// Packets captured by the package cap -> a pcap stream on standard output. A separate process, because the package's native code works only in a
// main thread; and a crash there ends the capture but not the report.
import { write } from 'node:fs'
import { createRequire } from 'node:module'
import type * as CapModule from 'cap'
import type { CaptureRequest } from './capture-tool.ts'
import { become } from './privileges.ts'
import { SteadyClock } from './steady-clock.ts'

const KERNEL_BUFFER_BYTES = 64 << 20
/** libpcap's largest Ethernet frame after offloading; cap sets the same snap length. */
const SNAP_BYTES = 65_535
const BLOCK_BYTES = 256 << 10
/** Bytes waiting for the pipe; beyond it packets are dropped and counted. */
const MAX_WAITING_BYTES = 64 << 20
/** Longest time before packets are written to the pipe. */
const HAND_ON_MS = 10
const COUNTERS_MS = 1000

/** cap's names of link types -> LINKTYPE_ numbers (https://www.tcpdump.org/linktypes.html). */
const LINK_TYPES: Record<string, number> = { NULL: 0, ETHERNET: 1, RAW: 101, LINKTYPE_LINUX_SLL: 113, IEEE802_11_RADIO: 127 }
/** DLT_ numbers that differ from LINKTYPE_ numbers on Linux: raw IP. */
const RAW_DLTS = new Set([12, 14])

const request = JSON.parse(process.argv[2]) as CaptureRequest

class Stream {
  captured = 0
  dropped = 0
  private block = Buffer.allocUnsafe(BLOCK_BYTES)
  private used = 0
  private waiting: Buffer[] = []
  private waitingBytes = 0
  private isWriting = false
  private onIdle: (() => void) | null = null

  begin(linkType: number): void {
    const { block } = this
    block.writeUInt32LE(0xa1b2c3d4, 0)
    block.writeUInt16LE(2, 4)
    block.writeUInt16LE(4, 6)
    block.writeUInt32LE(0, 8)
    block.writeUInt32LE(0, 12)
    block.writeUInt32LE(SNAP_BYTES, 16)
    block.writeUInt32LE(linkType, 20)
    this.used = 24
    this.flush()
  }

  /** @param timeUs microseconds since the epoch */
  add(packet: Buffer, bytes: number, timeUs: number): void {
    if (this.waitingBytes > MAX_WAITING_BYTES) {
      this.dropped++
      return
    }
    if (this.used + 16 + bytes > BLOCK_BYTES) this.flush()
    const { block } = this
    const at = this.used
    const seconds = Math.floor(timeUs / 1e6)
    block.writeUInt32LE(seconds, at)
    block.writeUInt32LE(timeUs - seconds * 1e6, at + 4)
    block.writeUInt32LE(bytes, at + 8)
    block.writeUInt32LE(bytes, at + 12)
    packet.copy(block, at + 16, 0, bytes)
    this.used = at + 16 + bytes
    this.captured++
  }

  flush(): void {
    if (this.used === 0) return
    this.waiting.push(this.block.subarray(0, this.used))
    this.waitingBytes += this.used
    this.block = Buffer.allocUnsafe(BLOCK_BYTES)
    this.used = 0
    this.writeNext()
  }

  finish(done: () => void): void {
    this.flush()
    this.onIdle = done
    if (!this.isWriting) done()
  }

  private writeNext(): void {
    const next = this.waiting[0]
    if (next === undefined) this.onIdle?.()
    if (this.isWriting || next === undefined) return
    this.isWriting = true
    write(1, next, (error, bytes) => {
      this.isWriting = false
      if (error) process.exit(1) // the reader is gone
      this.waitingBytes -= bytes
      if (bytes === next.length) this.waiting.shift()
      else this.waiting[0] = next.subarray(bytes)
      this.writeNext()
    })
  }
}

function linkTypeOf(name: string): number {
  const known = LINK_TYPES[name]
  if (known !== undefined) return known
  const dlt = Number(/\d+/.exec(name)?.[0])
  if (!Number.isInteger(dlt)) throw new Error(`unknown link type ${name}`)
  return RAW_DLTS.has(dlt) ? 101 : dlt
}

const { Cap } = createRequire(import.meta.url)('cap') as typeof CapModule
const device = new Cap()
// cap writes into this buffer without a reference to it. If it were garbage collected, the heap would be corrupted; the module scope keeps it.
const packet = Buffer.alloc(SNAP_BYTES)
const stream = new Stream()
const clock = new SteadyClock()

function end(): void {
  device.close()
  stream.finish(() => {
    printCounters()
    process.exit(0)
  })
}

function printCounters(): void {
  process.stderr.write(`rtnvis-cap captured ${stream.captured} dropped ${stream.dropped}\n`)
}

try {
  device.on('packet', (bytes: number) => {
    stream.add(packet, bytes, clock.nowUs())
    if (stream.captured === request.maxPackets) end()
  })
  const linkType = linkTypeOf(device.open(request.interfaceName, request.filter, KERNEL_BUFFER_BYTES, packet))
  if (request.user !== null) become(request.user)
  stream.begin(linkType)
} catch (error) {
  process.stderr.write(`cap: ${(error as Error).message}\n`)
  process.exit(1)
}
setInterval(() => stream.flush(), HAND_ON_MS)
setInterval(printCounters, COUNTERS_MS)
process.on('SIGINT', end)
process.on('SIGTERM', end)
