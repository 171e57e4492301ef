// Blocks of a pcapng section other than packets -> interfaces, names and drop counts. Options are passed one by one, so their length has no limit.
import { type FileDrops, type FileName, type InterfaceRecord, maxPacketBytes, type Warnings } from './format.ts'
import * as block from './pcapng-blocks.ts'
import { copyOption, joined } from './pcapng-options.ts'
import { Resolution } from './resolution.ts'

const { INTERFACE_BLOCK, NAME_RECORD_IPV4, NAME_RECORD_IPV6, NAME_RESOLUTION_BLOCK, SECTION_HEADER_BLOCK, STATISTICS_BLOCK } = block

/** Limit of names, because a hostile file could otherwise fill the memory. */
const MAX_FILE_NAMES = 100_000
const MAX_INTERFACES = 65_536
/** Most bytes of interface options that are kept for copies, all interfaces together. */
const MAX_KEPT_BYTES = 4 << 20
/** A larger exponent of 10 or 2 would be finer than any clock, so the option is taken for invalid. */
export const MAX_RESOLUTION = 63

interface Interface {
  linkType: number
  snapBytes: number
  maxBytes: number
  resolution: Resolution
  /** From the last statistics block, which counts from the start of the capture. */
  dropped: number | null
  droppedBySystem: number | null
}

export class Section {
  /** Byte order of the section. */
  littleEndian = true
  interfaces: Interface[] = []
  /** Interfaces of all sections so far, with their options; empty without keepMetadata(). */
  readonly records: InterfaceRecord[] = []
  /** Index in records of this section's first interface. */
  firstRecord = 0
  keepsMetadata = false
  private keptOptions: Uint8Array[] = []
  private keptBytes = 0
  readonly names: FileName[] = []
  /** Counts of the earlier sections. */
  private readonly before: FileDrops = { interface: null, system: null }
  private readonly warnings: Warnings
  private readonly text = new TextDecoder()
  private linkType = 0
  private snapBytes = 0
  private resolutionCode = 6
  private offsetSeconds = 0
  private of: Interface | undefined

  constructor(warnings: Warnings) {
    this.warnings = warnings
  }

  /** Reads the fixed fields of a block. */
  begin(type: number, view: DataView, at: number): void {
    const { littleEndian } = this
    if (type === SECTION_HEADER_BLOCK) {
      Object.assign(this.before, this.drops())
      this.interfaces = []
      this.firstRecord = this.records.length
    } else if (type === INTERFACE_BLOCK) {
      this.linkType = view.getUint16(at, littleEndian)
      this.snapBytes = view.getUint32(at + 4, littleEndian)
      this.resolutionCode = 6
      this.offsetSeconds = 0
      this.keptOptions = []
    } else if (type === STATISTICS_BLOCK) this.of = this.interfaces[view.getUint32(at, littleEndian)]
  }

  /** Whether add() uses this option, or this record of a name resolution block. */
  wants(type: number, code: number): boolean {
    switch (type) {
      case INTERFACE_BLOCK:
        return this.keepsMetadata || code === block.OPTION_TSRESOL || code === block.OPTION_TSOFFSET
      case STATISTICS_BLOCK:
        return code === block.OPTION_IFDROP || code === block.OPTION_OSDROP
      case NAME_RESOLUTION_BLOCK:
        return code === NAME_RECORD_IPV4 || code === NAME_RECORD_IPV6
      default:
        return false
    }
  }

  add(type: number, code: number, bytes: Uint8Array, view: DataView, at: number, length: number): void {
    const { littleEndian } = this
    if (type === NAME_RESOLUTION_BLOCK) this.addNames(code, bytes, at, length)
    if (type === INTERFACE_BLOCK && this.keepsMetadata) this.keepOption(code, bytes.subarray(at, at + length))
    if (type === INTERFACE_BLOCK && code === block.OPTION_TSRESOL && length >= 1) this.setResolution(view.getUint8(at))
    else if (type === INTERFACE_BLOCK && code === block.OPTION_TSOFFSET && length >= 8)
      this.offsetSeconds = integer64(view, at, littleEndian, true)
    else if (type === STATISTICS_BLOCK && this.of !== undefined && length >= 8) {
      const count = integer64(view, at, littleEndian, false)
      if (code === block.OPTION_IFDROP) this.of.dropped = count
      else this.of.droppedBySystem = count
    }
  }

  /** Called after all options of a block. */
  finish(type: number): void {
    if (type !== INTERFACE_BLOCK) return
    if (this.interfaces.length === MAX_INTERFACES) {
      this.warnings.add(`more than ${MAX_INTERFACES} interfaces in a section: those beyond are not known`)
      return
    }
    const { linkType, snapBytes } = this
    this.interfaces.push({
      ...{ linkType, snapBytes, maxBytes: maxPacketBytes(linkType), dropped: null, droppedBySystem: null },
      resolution: new Resolution(this.resolutionCode, this.offsetSeconds),
    })
    if (this.keepsMetadata) this.records.push({ linkType, snapBytes, options: joined(this.keptOptions) })
  }

  /** Counts of all sections so far. */
  drops(): FileDrops {
    const sum = (before: number | null, counts: (number | null)[]) =>
      counts.reduce((total, count) => (count === null ? total : (total ?? 0) + count), before)
    return {
      interface: sum(
        this.before.interface,
        this.interfaces.map(({ dropped }) => dropped),
      ),
      system: sum(
        this.before.system,
        this.interfaces.map(({ droppedBySystem }) => droppedBySystem),
      ),
    }
  }

  private keepOption(code: number, value: Uint8Array): void {
    // The options for time stamps must be kept; the others only if there is room.
    const isNeeded = code === block.OPTION_TSRESOL || code === block.OPTION_TSOFFSET
    if (!isNeeded && this.keptBytes + value.length > MAX_KEPT_BYTES) return
    this.keptBytes += value.length
    this.keptOptions.push(copyOption(INTERFACE_BLOCK, code, value, this.littleEndian))
  }

  private setResolution(code: number): void {
    if ((code & 0x7f) <= MAX_RESOLUTION) this.resolutionCode = code
    else
      this.warnings.add(
        `interface with times in units of ${code & 0x80 ? 2 : 10}^-${code & 0x7f} s, which no clock has: read as microseconds`,
      )
  }

  private addNames(code: number, bytes: Uint8Array, at: number, length: number): void {
    const addressBytes = code === NAME_RECORD_IPV4 ? 4 : 16
    if (length <= addressBytes) return
    const address = bytes.slice(at, at + addressBytes)
    // One record may have several names, each terminated by a zero byte.
    const names = this.text.decode(bytes.slice(at + addressBytes, at + length)).split('\0')
    for (const name of names) if (name !== '' && this.names.length < MAX_FILE_NAMES) this.names.push({ address, name })
  }
}

function integer64(view: DataView, at: number, littleEndian: boolean, isSigned: boolean): number {
  return Number(isSigned ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian))
}
