// Messages with parts of a data file (gzip in base64), in any order -> its bytes.
import { decodeBase64 } from '../publish/base64.ts'
import type { DataName, DataPart } from './messages.ts'

/** One data file. */
class PackedData {
  private readonly parts: (Uint8Array<ArrayBuffer> | undefined)[] = []
  private missing = -1
  private resolve: (packed: Blob | null) => void = () => {}
  /** Null if it is missing. */
  readonly packed = new Promise<Blob | null>((resolve) => {
    this.resolve = resolve
  })

  add({ base64, index, parts }: DataPart): void {
    if (this.missing < 0) this.missing = parts
    this.parts[index] = decodeBase64(base64)
    if (--this.missing > 0) return
    this.resolve(new Blob(this.parts as Uint8Array<ArrayBuffer>[]))
    this.parts.length = 0
  }

  giveUp(): void {
    this.resolve(null)
  }
}

export class PackedStore {
  private readonly all = new Map<DataName, PackedData>()
  private readonly want: (name: DataName) => void

  /** @param want called once per data file, to request its parts */
  constructor(want: (name: DataName) => void) {
    this.want = want
  }

  add(part: DataPart): void {
    this.of(part.of).add(part)
  }

  giveUp(name: DataName): void {
    this.of(name).giveUp()
  }

  /** The bytes of a data file; null if it is missing. */
  async read(name: DataName): Promise<Uint8Array<ArrayBuffer> | null> {
    const packed = await this.of(name).packed
    return packed && new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer())
  }

  /** A data file in JSON; null if it is missing. */
  async readJson<Value>(name: DataName): Promise<Value | null> {
    const bytes = await this.read(name)
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Value)
  }

  private of(name: DataName): PackedData {
    let data = this.all.get(name)
    if (data === undefined) {
      data = new PackedData()
      this.all.set(name, data)
      this.want(name)
    }
    return data
  }
}
