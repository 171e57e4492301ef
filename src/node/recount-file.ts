// A capture file read a second time, by other code than the analysis: its digest, its size, and its packets by pcap-parser.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import pcapParser from 'pcap-parser'
import { CaptureError } from '../errors.ts'
import type { FileFacts } from '../verify/capture.ts'
import { MAX_RECORD_BYTES, type Recount, Tally, whyNotRecounted } from '../verify/recount.ts'
import { type Compression, compressionOf, decompress } from './decompress.ts'
import { reasonOf } from './input.ts'

const FILE_HEADER_BYTES = 24
const CHUNK_BYTES = 1 << 18

export interface ReadFacts extends FileFacts {
  compression: Compression
  /** Why its packets cannot be recounted, '' if they can. */
  notRecounted: string
}

/**
 * Reads the whole file once.
 * @throws CaptureError naming the file, if it cannot be read
 */
export async function readFacts(path: string): Promise<ReadFacts> {
  try {
    if (!(await stat(path)).isFile()) throw new CaptureError(`${path} is no file: name the capture itself`)
    const hash = createHash('sha256')
    let storedBytes = 0
    async function* stored(): AsyncGenerator<Uint8Array> {
      for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
        hash.update(chunk)
        storedBytes += chunk.length
        yield chunk
      }
    }
    const raw = stored()
    const first = await raw.next()
    const compression = first.done ? '' : compressionOf(first.value)
    const head = Buffer.alloc(FILE_HEADER_BYTES)
    let captureBytes = 0
    const whole = resumed(first, raw)
    for await (const chunk of unpacked(whole, compression)) {
      if (captureBytes < FILE_HEADER_BYTES) head.set(chunk.subarray(0, FILE_HEADER_BYTES - captureBytes), captureBytes)
      captureBytes += chunk.length
    }
    // Decompression may stop early at damage; the digest is over every byte.
    for await (const _ of whole);
    const notRecounted = whyNotRecounted(head.subarray(0, captureBytes))
    return { sha256: hash.digest('hex'), storedBytes, compression, captureBytes, notRecounted }
  } catch (error) {
    if (error instanceof CaptureError) throw error
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
}

/**
 * Counts the packets of a classic pcap file with pcap-parser, which knows no end: on a length that cannot be, it would take the rest of
 * the file into memory and wait. So its reading is watched and stopped here, and what is left over at the end is told.
 * @param limit stop after this many packets
 */
export async function recountFile(path: string, { compression, captureBytes }: ReadFacts, limit: number): Promise<Recount> {
  const chunks = unpacked(createReadStream(path, { highWaterMark: CHUNK_BYTES }), compression)
  const input = Readable.from(buffers(chunks), { objectMode: true })
  let tally = new Tally(0)
  let offset = FILE_HEADER_BYTES
  let isStopped = false
  const stop = (note: string): void => {
    isStopped = true
    tally.recount.note = note
    input.destroy()
  }
  await new Promise<void>((resolve, reject) => {
    const parser = pcapParser.parse(input)
    parser.on('globalHeader', ({ linkLayerType }) => {
      tally = new Tally(linkLayerType)
    })
    parser.on('packetHeader', ({ capturedLength }) => {
      if (isStopped) return
      if (tally.recount.packets === limit) stop('as many as the report has read')
      else if (capturedLength > MAX_RECORD_BYTES)
        stop(`the record at byte ${offset} claims ${capturedLength} bytes, nothing after it is counted`)
    })
    parser.on('packet', ({ header, data }) => {
      if (isStopped) return
      tally.add(header, data.length)
      offset += 16 + data.length
    })
    parser.on('error', reject)
    parser.on('end', resolve)
    input.on('close', resolve)
  })
  if (!isStopped && offset < captureBytes) tally.recount.note = `the file ends inside the record at byte ${offset}`
  return tally.recount
}

function unpacked(chunks: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  return compression === '' ? chunks : decompress(compression, chunks, () => {})
}

/** An iteration whose first step was taken already; leaving it early does not end it. */
function resumed(first: IteratorResult<Uint8Array>, rest: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  let step: IteratorResult<Uint8Array> | null = first
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const result = step ?? (await rest.next())
      step = null
      return result
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** pcap-parser wants Buffers; none of them empty, which a stream would take for its end. */
async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, length } of chunks) if (length > 0) yield Buffer.from(buffer, byteOffset, length)
}
