// A capture file, read again by independent code: its digest, its size, and its packets counted by pcap-parser.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import pcapParser from 'pcap-parser'
import { type Compression, compressionOf, MAGIC_BYTES } from '../../compression/decompress.ts'
import { peek } from '../../compression/peek.ts'
import { CaptureError } from '../../errors.ts'
import type { FileFacts } from '../../verify/capture.ts'
import { MAX_RECORD_BYTES, type Recount, Tally, whyNotRecounted } from '../../verify/recount.ts'
import { buffers, decompressOtherwise, type OtherCode } from '../compression/other-code.ts'
import { reasonOf } from '../input/input.ts'

const FILE_HEADER_BYTES = 24
const CHUNK_BYTES = 1 << 18

export interface ReadFacts extends FileFacts {
  compression: Compression
  /** Why its packets cannot be recounted, "" if they can. */
  notRecounted: string
}

/**
 * Reads the whole file: its digest, then its content.
 * @throws CaptureError with the file name, if it cannot be read
 */
export async function readFacts(path: string): Promise<ReadFacts> {
  try {
    if (!(await stat(path)).isFile()) throw new CaptureError(`${path} is not a file: name the capture itself`)
    const hash = createHash('sha256')
    let storedBytes = 0
    for await (const chunk of stored(path)) {
      hash.update(chunk)
      storedBytes += chunk.length
    }
    const { head: magic, whole } = await peek(stored(path), MAGIC_BYTES)
    await whole.return!()
    const compression = compressionOf(magic)
    const head = Buffer.alloc(FILE_HEADER_BYTES)
    const layers: string[] = []
    let stoppedBy = ''
    const otherCode: OtherCode = {
      onLayer: (by) => layers.push(by),
      onProblem: (problem) => {
        stoppedBy ||= problem
      },
    }
    let captureBytes = 0
    for await (const chunk of content(path, compression, otherCode)) {
      if (captureBytes < FILE_HEADER_BYTES) head.set(chunk.subarray(0, FILE_HEADER_BYTES - captureBytes), captureBytes)
      captureBytes += chunk.length
    }
    const notRecounted = whyNotRecounted(head.subarray(0, captureBytes))
    const decompressedBy = layers.join(', then ')
    return { sha256: hash.digest('hex'), storedBytes, compression, decompressedBy, stoppedBy, captureBytes, notRecounted }
  } catch (error) {
    if (error instanceof CaptureError) throw error
    throw new CaptureError(`${path}: ${reasonOf(error)}`)
  }
}

/**
 * Counts the packets of a classic pcap file with pcap-parser. At an impossible length this package would read the rest of the file into
 * memory and wait, so reading is checked and stopped here, and the remaining bytes are reported.
 * @param limit stop after this many packets
 */
export async function recountFile(path: string, { compression, captureBytes }: ReadFacts, limit: number): Promise<Recount> {
  const chunks = content(path, compression, { onLayer: () => {}, onProblem: () => {} })
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

function stored(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES })
}

function content(path: string, compression: Compression, otherCode: OtherCode): AsyncIterable<Uint8Array> {
  return compression === '' ? stored(path) : decompressOtherwise(compression, stored(path), otherCode)
}
