// Messages of SMB 2 as bytes.
import { join } from './build.ts'

export const le = (size: number, value: number) => Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) & 255)
export const utf16 = (text: string) => join(...[...text].map((character) => le(2, character.charCodeAt(0))))
export const FILE_ID = join(le(8, 0x1234), le(8, 0x5678))

/** Messages of SMB 2 (MS-SMB2 2.2), as the fields behind their headers. */
export const smb = {
  header: (command: number, id: number, isAnswer: boolean, next = 0, status = 0) =>
    join(
      new Uint8Array([0xfe, 0x53, 0x4d, 0x42]),
      le(2, 64),
      le(2, 1),
      le(4, status),
      le(2, command),
      le(2, 1),
      le(4, isAnswer ? 1 : 0),
      le(4, next),
      le(8, id),
      le(4, 0),
      le(4, 1),
      le(8, 1),
      new Uint8Array(16),
    ),
  framed: (...parts: Uint8Array[]) => {
    const body = join(...parts)
    return join(0, body.length >> 16, (body.length >> 8) & 255, body.length & 255, body)
  },
  create: (path: string) =>
    join(
      le(2, 57),
      0,
      0,
      le(4, 2),
      le(8, 0),
      le(8, 0),
      le(4, 0x120089),
      le(4, 0),
      le(4, 7),
      le(4, 1),
      le(4, 0),
      le(2, 120),
      le(2, path.length * 2),
      le(4, 0),
      le(4, 0),
      utf16(path),
    ),
  created: (action: number, length: number) =>
    join(
      le(2, 89),
      0,
      0,
      le(4, action),
      new Uint8Array(32),
      le(8, length),
      le(8, length),
      le(4, 0x80),
      le(4, 0),
      FILE_ID,
      le(4, 0),
      le(4, 0),
    ),
  read: (offset: number, length: number) =>
    join(le(2, 49), 0x50, 0, le(4, length), le(8, offset), FILE_ID, le(4, 0), le(4, 0), le(4, 0), le(2, 0), le(2, 0), 0),
  data: (bytes: Uint8Array) => join(le(2, 17), 0x50, 0, le(4, bytes.length), le(4, 0), le(4, 0), bytes),
  write: (offset: number, bytes: Uint8Array) =>
    join(le(2, 49), le(2, 112), le(4, bytes.length), le(8, offset), FILE_ID, le(4, 0), le(4, 0), le(2, 0), le(2, 0), le(4, 0), bytes),
  written: (length: number) => join(le(2, 17), le(2, 0), le(4, length), le(4, 0), le(2, 0), le(2, 0)),
  close: () => join(le(2, 24), le(2, 0), le(4, 0), FILE_ID),
  closed: () => join(le(2, 60), new Uint8Array(58)),
  setEnd: (length: number) => join(le(2, 33), 1, 20, le(4, 8), le(2, 96), le(2, 0), le(4, 0), FILE_ID, le(8, length)),
  tree: (share: string) => join(le(2, 9), le(2, 0), le(2, 72), le(2, share.length * 2), utf16(share)),
  treeAnswer: () => join(le(2, 16), 1, 0, le(4, 0), le(4, 0), le(4, 0x1f01ff)),
}
