// bytes -> packets: tells the format by its first bytes and hands packets on one by one. Await per chunk, never per packet.
import { CaptureError } from '../errors.ts'
import { ChunkWindow } from './chunks.ts'
import { ENDED, type FileName, type FormatReader, GOT_PACKET } from './format.ts'
import { CapturedPacket } from './packet.ts'
import { isPcap, PcapReader } from './pcap.ts'
import { PcapngReader, SECTION_HEADER_BLOCK } from './pcapng.ts'

/** Why the reading of a whole capture ends. */
export const END_OF_FILE = 'end of file'

/** One capture being read: `while (next()) use(packet)`, then `await fill()`, until that is false. */
export class CaptureReader {
  readonly packet = new CapturedPacket()
  private wanted = 0
  private cut = ''
  private readonly window: ChunkWindow
  private readonly reader: FormatReader

  private constructor(window: ChunkWindow, reader: FormatReader) {
    this.window = window
    this.reader = reader
  }

  /**
   * @param chunks the uncompressed capture
   * @param file its name, for messages
   * @throws CaptureError if the bytes are not a capture
   */
  static async open(chunks: AsyncIterable<Uint8Array>, file: string): Promise<CaptureReader> {
    const window = new ChunkWindow(chunks)
    try {
      if (!(await window.fill(4))) {
        if (window.end === window.at) throw new CaptureError(`${file} is empty (0 bytes): give a pcap or pcapng capture`)
        throw new CaptureError(`${file} is no capture (only ${window.end - window.at} bytes): give a pcap or pcapng file`)
      }
      const magic = new DataView(window.bytes.buffer, window.bytes.byteOffset + window.at, 4).getUint32(0)
      const reader = magic === SECTION_HEADER_BLOCK ? new PcapngReader() : isPcap(magic) ? new PcapReader() : null
      if (reader === null) {
        const hex = magic.toString(16).padStart(8, '0')
        throw new CaptureError(
          `${file} is no pcap or pcapng capture (byte 0: it begins with ${hex}); convert it, e.g. with editcap -F pcapng`,
        )
      }
      const opened = new CaptureReader(window, reader)
      await opened.requireHeader(file)
      return opened
    } catch (error) {
      await window.close()
      throw error
    }
  }

  /** True: `packet` holds the next packet. False: call fill(). */
  next(): boolean {
    if (this.wanted === ENDED) return false
    this.wanted = this.reader.next(this.window, this.packet)
    return this.wanted === GOT_PACKET
  }

  /** Loads what the next packet needs; false when the capture has ended, see endedBy. */
  async fill(): Promise<boolean> {
    if (this.wanted === ENDED) return false
    if (await this.window.fill(Math.max(1, this.wanted))) return true
    const left = this.window.end - this.window.at
    if (left > 0) this.cut = `cut off in the record at byte ${this.window.offset}: ${left} of its ${this.wanted} bytes are there`
    return false
  }

  get format(): string {
    return this.reader.format
  }

  /** Why there is no next packet. */
  get endedBy(): string {
    return this.reader.endedBy || this.cut || END_OF_FILE
  }

  get warnings(): string[] {
    return this.reader.warnings.lines()
  }

  get fileNames(): FileName[] {
    return this.reader.fileNames
  }

  /** Bytes of the uncompressed capture read so far. */
  get offset(): number {
    return this.window.offset
  }

  close(): Promise<void> {
    return this.window.close()
  }

  /** A file that ends inside its first header holds nothing that could be reported on. */
  private async requireHeader(file: string): Promise<void> {
    const headerBytes = this.reader instanceof PcapReader ? 24 : 28
    if (await this.window.fill(headerBytes)) return
    const offset = this.window.end
    throw new CaptureError(`${file} ends at byte ${offset}, inside its file header: the capture was cut off, record it again`, offset)
  }
}
