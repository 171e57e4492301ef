// zstd frames made by hand (RFC 8878): what the zstd program would never write.

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)

/** @param windowLog 10 to 41 */
export const frame = (windowLog: number, ...blocks: Uint8Array[]): Uint8Array =>
  join(MAGIC, Uint8Array.of(0, (windowLog - 10) << 3), ...blocks)

export const rawBlock = (content: Uint8Array, isLast = true): Uint8Array => join(blockHeader(content.length, 0, isLast), content)

/** One byte many times. */
export const rleBlock = (byte: number, times: number, isLast = true): Uint8Array => join(blockHeader(times, 1, isLast), Uint8Array.of(byte))

export function blockHeader(size: number, type: number, isLast: boolean): Uint8Array {
  const fields = (size << 3) | (type << 1) | Number(isLast)
  return Uint8Array.of(fields & 0xff, (fields >> 8) & 0xff, fields >> 16)
}

export function skippable(content: Uint8Array): Uint8Array {
  const header = new Uint8Array(8)
  const view = new DataView(header.buffer)
  view.setUint32(0, 0x184d2a50, true)
  view.setUint32(4, content.length, true)
  return join(header, content)
}
