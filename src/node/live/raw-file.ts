// A pcap stream -> files on disk. With -C or -G, a file ends after a packet and the next one starts with a copy of the stream's header.
import { type FileHandle, open } from 'node:fs/promises'
import { formatBytes } from '../../report/figures.ts'
import { reasonAmong } from '../input/error-reason.ts'
import { type RawOptions, rawName } from './raw-name.ts'

const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16

/** First byte of a little-endian pcap file: micro- and nanoseconds. */
const LITTLE_ENDIAN = [0xd4, 0x4d]

export class RawFile {
  /** Why no more packets are written, as a sentence; '' if there is no problem. */
  problem = ''
  /** Bytes of the stream after the problem. */
  private lostBytes = 0
  private lostSince = ''
  /** The limit of -W files with -G is reached: the capture must end. */
  isFull = false
  private readonly options: RawOptions
  private file: FileHandle | null = null
  private fileHeader: Uint8Array | null = null
  private isLittleEndian = true
  /** Beginning of an incomplete packet header. */
  private rest = new Uint8Array(0)
  /** Missing bytes of the current packet. */
  private left = 0
  private written = 0
  /** Number of the file since the last rotation by time. */
  private number = 0
  private turns = 0
  private turnSeconds = 0

  constructor(options: RawOptions) {
    this.options = options
  }

  /** Creates the first file, so that an invalid name is reported before capturing starts. @throws the system's error */
  async open(): Promise<void> {
    this.turnSeconds = Math.floor(Date.now() / 1000)
    await this.begin(this.turnSeconds)
  }

  /** Writes bytes of the stream, which may be reused afterwards. Never throws: see `problem`. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.file === null) {
      if (this.problem !== '') this.lostBytes += bytes.length
      return
    }
    try {
      const { maxBytes, seconds } = this.options
      if (maxBytes === null && seconds === null) await this.put(bytes)
      else await this.writeRecords(this.rest.length === 0 ? bytes : join(this.rest, bytes))
    } catch (error) {
      this.lostSince = new Date().toISOString().slice(0, 19)
      this.problem = `-w ${this.options.path}: raw packets are no longer written since ${this.lostSince} UTC: ${whyNotWritten(error)}`
      await this.close()
    }
  }

  /** A sentence about packets that are not in the files; '' for none. */
  get lost(): string {
    if (this.lostBytes === 0) return ''
    return `-w ${this.options.path}: ${formatBytes(this.lostBytes)} of raw packets since ${this.lostSince} UTC are not in it; the report has them`
  }

  async close(): Promise<void> {
    const { file } = this
    this.file = null
    await file?.close().catch(() => {})
  }

  /** Finds the limits of packets; the bytes between two rotations are written together. */
  private async writeRecords(bytes: Uint8Array): Promise<void> {
    let at = 0
    let from = 0
    if (this.fileHeader === null) {
      if (bytes.length < FILE_HEADER_BYTES) {
        this.rest = bytes.slice()
        return
      }
      this.fileHeader = bytes.slice(0, FILE_HEADER_BYTES)
      this.isLittleEndian = LITTLE_ENDIAN.includes(bytes[0])
      at = FILE_HEADER_BYTES
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (;;) {
      const step = Math.min(this.left, bytes.length - at)
      this.left -= step
      at += step
      if (bytes.length - at < RECORD_HEADER_BYTES || this.left > 0) break
      const seconds = view.getUint32(at, this.isLittleEndian)
      if (this.isDue(this.written + at - from, seconds)) {
        await this.put(bytes.subarray(from, at))
        await this.turn(seconds)
        if (this.isFull) return
        await this.put(this.fileHeader)
        from = at
      }
      this.left = view.getUint32(at + 8, this.isLittleEndian)
      at += RECORD_HEADER_BYTES
    }
    this.rest = bytes.slice(at)
    await this.put(bytes.subarray(from, at))
  }

  private isDue(written: number, seconds: number): boolean {
    const { maxBytes, seconds: turn } = this.options
    return (maxBytes !== null && written > maxBytes) || (turn !== null && seconds - this.turnSeconds >= turn)
  }

  /** Ends the file and starts the next one. Rotation by time has priority, and resets the numbers. */
  private async turn(seconds: number): Promise<void> {
    const { seconds: turn, files, maxBytes } = this.options
    if (turn !== null && seconds - this.turnSeconds >= turn) {
      this.turnSeconds = seconds
      this.number = 0
      this.isFull = files !== null && maxBytes === null && ++this.turns >= files
    } else this.number = files === null ? this.number + 1 : (this.number + 1) % files
    await this.close()
    if (!this.isFull) await this.begin(seconds)
  }

  private async begin(seconds: number): Promise<void> {
    this.written = 0
    this.file = await open(rawName(this.options, this.number, new Date(seconds * 1000)), 'w')
  }

  private async put(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await this.file!.write(bytes, at, bytes.length - at)).bytesWritten
    this.written += bytes.length
  }
}

const NO_PERMISSION = 'the user that it runs as may not write there: choose another folder with -w, or another user with -Z'
const NO_SPACE = 'no space left on the disk: free some, or choose another folder with -w'
const REASONS = {
  ENOENT: 'no such folder: create it, or choose another with -w',
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EISDIR: 'it is a folder: name a file in it with -w',
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
  EROFS: 'the disk is read-only: choose another folder with -w',
}

/** A system error in writing -> words that say what to do. */
export function whyNotWritten(error: unknown): string {
  return reasonAmong(REASONS, error)
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}
