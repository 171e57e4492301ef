// Messages of SMB 1 (MS-CIFS 2.2) as bytes, framed (RFC 1002 4.3.1).
import { join, type Part } from './build.ts'
import { le, utf16 } from './smb.ts'

const Command = { close: 0x04, open: 0x2d, read: 0x2e, write: 0x2f, transaction2: 0x32, create: 0xa2 } as const
const NO_FURTHER = join(0xff, 0, le(2, 0))

interface Message {
  command: keyof typeof Command
  words: Part
  /** Behind the words and their length. */
  data?: Part
}

/** @param id of the request, and of its answer */
export function smb1(id: number, isAnswer: boolean, { command, words, data = '' }: Message, status = 0, isUnicode = true): Uint8Array {
  const [parameters, bytes] = [join(words), join(data)]
  const body = join(
    0xff,
    'SMB',
    Command[command],
    le(4, status),
    isAnswer ? 0x98 : 0x18,
    le(2, isUnicode ? 0xc001 : 0x4001),
    new Uint8Array(12),
    ...[1, 7, 1, id].map((value) => le(2, value)),
    parameters.length / 2,
    parameters,
    le(2, bytes.length),
    bytes,
  )
  return join(0, le(1, body.length >> 16), le(1, body.length >> 8), le(1, body.length), body)
}

const DATA_AT = 64

export const message = {
  create: (path: string, isUnicode = true): Message => ({
    command: 'create',
    words: join(NO_FURTHER, 0, le(2, path.length * (isUnicode ? 2 : 1)), le(8, 0), le(4, 3), le(16, 0), le(4, 5), le(8, 0), le(1, 3)),
    data: isUnicode ? join(0, utf16(path)) : path,
  }),
  created: (file: number, action: number, length: number): Message => ({
    command: 'create',
    words: join(NO_FURTHER, 0, le(2, file), le(4, action), le(32, 0), le(4, 0x80), le(8, length), le(8, length), le(6, 0)),
  }),
  open: (path: string): Message => ({ command: 'open', words: join(NO_FURTHER, le(26, 0)), data: join(0, utf16(`${path}\0`)) }),
  opened: (file: number, result: number, length: number): Message => ({
    command: 'open',
    words: join(NO_FURTHER, le(2, file), le(2, 0), le(4, 0), le(4, length), le(6, 0), le(2, result), le(6, 0)),
  }),
  read: (file: number, offset: number, length: number): Message => ({
    command: 'read',
    words: join(NO_FURTHER, le(2, file), le(4, offset), le(2, length), le(2, length), le(6, 0), le(4, 0)),
  }),
  data: (bytes: Uint8Array): Message => ({
    command: 'read',
    words: join(NO_FURTHER, le(2, 0xffff), le(4, 0), le(2, bytes.length), le(2, DATA_AT), le(10, 0)),
    data: join(new Uint8Array(DATA_AT - 59), bytes),
  }),
  write: (file: number, offset: number, bytes: Uint8Array): Message => ({
    command: 'write',
    words: join(NO_FURTHER, le(2, file), le(4, offset), le(4, 0), le(4, 0), le(2, 0), le(2, bytes.length), le(2, DATA_AT), le(4, 0)),
    data: join(0, bytes),
  }),
  written: (length: number): Message => ({ command: 'write', words: join(NO_FURTHER, le(2, length), le(6, 0)) }),
  setEnd: (file: number, length: number): Message => ({
    command: 'transaction2',
    words: join(le(2, 6), le(2, 8), le(14, 0), le(2, 6), le(2, 68), le(2, 8), le(2, 76), 1, 0, le(2, 8)),
    data: join(new Uint8Array(3), le(2, file), le(2, 0x104), le(4, 0), le(8, length)),
  }),
  close: (file: number): Message => ({ command: 'close', words: join(le(2, file), le(4, 0)) }),
  done: (command: Message['command']): Message => ({ command, words: '' }),
}
