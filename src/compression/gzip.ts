// gzip members (RFC 1952) -> their content, by zlib as WebAssembly. Unlike node:zlib it returns every byte before damaged data.
import { Content, Damage, type MemberReader, PIECE_BYTES } from './members.ts'
import { instantiate, type Memory } from './wasm.ts'

/** zlib, compiled by the zip.js project. */
interface Zlib {
  memory: Memory
  malloc(bytes: number): number
  free(pointer: number): void
  inflate_new(): number
  inflate_init_gzip(stream: number): number
  /** @returns zlib's status in the upper 8 bits, bytes written in the lower 24 */
  inflate_process(stream: number, input: number, inputBytes: number, output: number, outputBytes: number, flush: number): number
  inflate_last_consumed(stream: number): number
  inflate_end(stream: number): number
}

const Z_OK = 0
const Z_STREAM_END = 1
const Z_BUF_ERROR = -5
const Z_NO_FLUSH = 0

const INPUT_BYTES = 64 << 10

let zlib: Promise<Zlib> | null = null

/** @param load returns zlib as WebAssembly; called once */
export async function openGzip(name: string, load: () => Promise<Uint8Array>): Promise<MemberReader> {
  zlib ??= load().then(async (bytes) => (await instantiate(bytes)) as Zlib)
  return new GzipReader(await zlib, name)
}

class GzipReader implements MemberReader {
  readonly magicBytes = 2
  readonly content: Content
  isInside = false
  private readonly zlib: Zlib
  private readonly name: string
  private readonly input: number
  private stream = 0
  private at = 0

  constructor(zlib: Zlib, name: string) {
    this.zlib = zlib
    this.name = name
    this.input = zlib.malloc(INPUT_BYTES)
    this.content = new Content(zlib.memory, zlib.malloc(PIECE_BYTES))
  }

  isMagic(bytes: Uint8Array): boolean {
    return bytes[0] === 0x1f && bytes[1] === 0x8b
  }

  begin(at: number): void {
    this.at = at
    this.stream = this.zlib.inflate_new()
    this.zlib.inflate_init_gzip(this.stream)
    this.isInside = true
  }

  *read(bytes: Uint8Array): Generator<Uint8Array, number> {
    const { zlib, content } = this
    for (let used = 0; ; ) {
      const length = Math.min(bytes.length - used, INPUT_BYTES)
      new Uint8Array(zlib.memory.buffer).set(bytes.subarray(used, used + length), this.input)
      const [output, room] = [content.pointer + content.bytes, PIECE_BYTES - content.bytes]
      const result = zlib.inflate_process(this.stream, this.input, length, output, room, Z_NO_FLUSH)
      const status = result >> 24
      const consumed = zlib.inflate_last_consumed(this.stream)
      content.bytes += result & 0xff_ffff
      this.at += consumed
      used += consumed
      if (status === Z_STREAM_END) this.end()
      else if (status !== Z_OK && status !== Z_BUF_ERROR)
        throw new Damage(`${this.name} is damaged at byte ${this.at}: nothing after it is read`)
      if (content.bytes === PIECE_BYTES) yield content.take()
      else if (used === bytes.length) return used
      if (!this.isInside) return used
    }
  }

  close(): void {
    if (this.isInside) this.end()
    this.zlib.free(this.input)
    this.zlib.free(this.content.pointer)
  }

  private end(): void {
    this.zlib.inflate_end(this.stream)
    this.isInside = false
  }
}
