// Packets of several captures, in their order -> one file: interfaces, times to the last digit, comments and names as they were.
import type { FileName } from '../capture/format.ts'
import type { CaptureReader } from '../capture/index.ts'
import { OPTION_APPLICATION, OPTION_COMMENT, option } from '../capture/pcapng-options.ts'
import { PcapngWriter, type Sink } from '../capture/pcapng-writer.ts'
import type { CaptureSource } from '../types.ts'

export interface CopyOptions {
  /** What the file says of itself: comments of the section. */
  comments: string[]
  /** Of the section: what wrote it. */
  application: string
  /** By capture: a comment of its interfaces. */
  captureComments: string[]
  keepsSecrets: boolean
}

/** The longest text of an option. */
const MAX_TEXT_BYTES = 65_535

export class Copy {
  packets = 0
  bytes = 0
  private readonly writer: PcapngWriter
  private readonly options: CopyOptions
  /** By capture: by interface there, its number in the copy. */
  private readonly interfaces: Map<number, number>[]
  /** By capture: blocks of secrets that were copied. */
  private readonly secrets: number[]

  constructor(sink: Sink, sources: CaptureSource[], options: CopyOptions) {
    this.options = options
    this.interfaces = sources.map(() => new Map())
    this.secrets = sources.map(() => 0)
    const comments = options.comments.map((comment) => textOption(OPTION_COMMENT, comment))
    this.writer = new PcapngWriter(sink, [...comments, textOption(OPTION_APPLICATION, options.application)])
  }

  /** The packet that the reader has just read. @param from the capture's index */
  add(reader: CaptureReader, from: number): void {
    const { writer, interfaces, options } = this
    const { packet } = reader
    const record = reader.record()
    let to = interfaces[from].get(record.interface)
    if (to === undefined) {
      to = writer.addInterface(reader.interfaces[record.interface], textOption(OPTION_COMMENT, options.captureComments[from]))
      interfaces[from].set(record.interface, to)
    }
    if (options.keepsSecrets) this.addSecrets(reader, from)
    writer.addPacket(to, record, packet.bytes, packet.start, packet.end, packet.originalBytes)
    this.packets++
    this.bytes += packet.end - packet.start
  }

  addNames(names: FileName[]): void {
    this.writer.addNames(names)
  }

  finish(): void {
    this.writer.finish()
  }

  /** Secrets stand before the packets that they open. */
  private addSecrets(reader: CaptureReader, from: number): void {
    const { secrets } = reader
    for (; this.secrets[from] < secrets.length; this.secrets[from]++) this.writer.addBlock(secrets[this.secrets[from]])
  }
}

function textOption(code: number, text: string): Uint8Array {
  return option(code, new TextEncoder().encode(text).subarray(0, MAX_TEXT_BYTES))
}
