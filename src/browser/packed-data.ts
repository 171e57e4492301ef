// Messages with parts of a data file (gzip in base64), in any order -> its bytes.
import { decodeBase64 } from '../publish/base64.ts'
import type { DataName, DataPart } from './messages.ts'

/** One data file. Its parts are unpacked while the others are still being loaded. */
class PackedData {
  private readonly waiting = new Map<number, Uint8Array<ArrayBuffer>>()
  private readonly gunzip = new DecompressionStream('gzip')
  private readonly packed = this.gunzip.writable.getWriter()
  private written = 0
  /** The file is missing. */
  giveUp!: () => void
  /** Null if it is missing. */
  readonly bytes: Promise<Uint8Array<ArrayBuffer> | null> = Promise.race([
    new Promise<null>((resolve) => {
      this.giveUp = () => resolve(null)
    }),
    new Response(this.gunzip.readable).arrayBuffer().then((bytes) => new Uint8Array(bytes)),
  ])

  add({ base64, index, parts }: DataPart): void {
    this.waiting.set(index, decodeBase64(base64))
    for (let part = this.waiting.get(this.written); part !== undefined; part = this.waiting.get(this.written)) {
      this.waiting.delete(this.written++)
      this.packed.write(part).catch(() => {}) // reported where the bytes are read
    }
    if (this.written === parts) this.packed.close().catch(() => {})
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
  read(name: DataName): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.of(name).bytes
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
