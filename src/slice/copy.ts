// Packets of several captures, in order -> one file with the interfaces, exact times, comments and names of the captures.
import type { FileName, InterfaceRecord } from '../capture/format.ts'
import type { CaptureReader } from '../capture/index.ts'
import { OPTION_APPLICATION, OPTION_COMMENT, option } from '../capture/pcapng-options.ts'
import { PcapngWriter, type Sink } from '../capture/pcapng-writer.ts'

export interface CopyOptions {
  format: 'pcap' | 'pcapng'
  /** Comments of the section header, which describe the slice. */
  comments: string[]
  /** shb_userappl: the program that wrote the file. */
  application: string
  /** By capture: a comment for its interfaces. */
  captureComments: string[]
  keepsSecrets: boolean
}

/** Longest text of an option, bytes. */
const MAX_TEXT_BYTES = 65_535

/** Receives packets in order, and writes a file. */
export interface PacketCopy {
  readonly packets: number
  /** Bytes of the frames as captured. */
  readonly bytes: number
  /** Copies the reader's last packet. @param from index of the capture */
  add(reader: CaptureReader, from: number): void
  addNames(names: FileName[]): void
  /** Whether the file is what it would be had the interfaces of all captures been known before its first packet. */
  suits(interfaces: InterfaceRecord[]): boolean
  /** Writes the last piece. */
  finish(): void
}

export class PcapngCopy implements PacketCopy {
  packets = 0
  bytes = 0
  private readonly writer: PcapngWriter
  private readonly options: CopyOptions
  /** By capture: interface number -> number in the copy. */
  private readonly interfaces: Map<number, number>[]
  /** By capture: number of its decryption secrets blocks copied so far. */
  private readonly secrets: number[]

  /** @param captures number of captures */
  constructor(sink: Sink, captures: number, options: CopyOptions) {
    this.options = options
    this.interfaces = Array.from({ length: captures }, () => new Map())
    this.secrets = new Array(captures).fill(0)
    const comments = options.comments.map((comment) => textOption(OPTION_COMMENT, comment))
    this.writer = new PcapngWriter(sink, [...comments, textOption(OPTION_APPLICATION, options.application)])
  }

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

  /** An interface is described before its first packet. */
  suits(): boolean {
    return true
  }

  addNames(names: FileName[]): void {
    this.writer.addNames(names)
  }

  finish(): void {
    this.writer.finish()
  }

  /** A decryption secrets block must come before the packets that need it. */
  private addSecrets(reader: CaptureReader, from: number): void {
    const { secrets } = reader
    for (; this.secrets[from] < secrets.length; this.secrets[from]++) this.writer.addBlock(secrets[this.secrets[from]])
  }
}

function textOption(code: number, text: string): Uint8Array {
  return option(code, new TextEncoder().encode(text).subarray(0, MAX_TEXT_BYTES))
}
