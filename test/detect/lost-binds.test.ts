// Remote procedures whose bind the tap has lost: told by the pipe, by the answer to the bind, or by the endpoint mapper; by nothing else.
import { expect, it } from 'vitest'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { hex, join } from '../support/build.ts'
import { Conversation, pcapOf } from '../support/conversation.ts'
import { FILE_ID, le, smb } from '../support/smb.ts'

const uuid = (text: string): Uint8Array => {
  const [a, b, c, d, e] = text.split('-').map(hex)
  return join(a.reverse(), b.reverse(), c.reverse(), d, e)
}
const SVCCTL = '367abb81-9844-35f1-ad32-98f038001003'
const DRSUAPI = 'e3514235-4b06-11d1-ab04-00c04fc2dcd2'
const SAMR = '12345778-1234-abcd-ef00-0123456789ac'
const EPM = 'e1af8308-5d1f-11c9-91a4-08002b14a0fa'
const NDR = uuid('8a885d04-1ceb-11c9-9fe8-08002b104860')

/** PDUs of DCE/RPC (C706 12.6.4). */
const pdu = (type: number, body: Uint8Array) => join(5, 0, type, 3, hex('10000000'), le(2, 16 + body.length), le(2, 0), le(4, 1), body)
const bind = (id: string, type = 11) =>
  pdu(type, join(le(2, 4280), le(2, 4280), le(4, 0), hex('01000000'), le(2, 0), hex('0100'), uuid(id), le(4, 1), NDR, le(4, 2)))
const bindAck = (address: string) =>
  pdu(
    12,
    join(le(2, 4280), le(2, 4280), le(4, 1), le(2, address.length + 1), address, 0, hex('0000'), hex('01000000'), le(4, 0), NDR, le(4, 2)),
  )
const request = (operation: number) => pdu(0, join(le(4, 80), le(2, 0), le(2, operation), new Uint8Array(80)))
const response = () => pdu(2, new Uint8Array(40))

interface Lost {
  /** Messages that are not in the capture. */
  isLost: (message: 'create' | 'bind' | 'ack') => boolean
  pipe?: string
  operation?: number
}

/** PsExec: the pipe is opened, bound, and a service created. */
function overSmb({ isLost, pipe = 'svcctl', operation = 12 }: Lost): Uint8Array[] {
  const frames: Uint8Array[] = []
  const conversation = new Conversation(frames, 40_000, 445)
  let id = 1
  const ask = (
    command: number,
    question: Uint8Array,
    answer: Uint8Array,
    seen: 'both' | 'question' | 'answer' | 'neither' = 'both',
  ): void => {
    const before = frames.length
    conversation.send('client', smb.framed(smb.header(command, id, false), question))
    conversation.send('server', smb.framed(smb.header(command, id++, true), answer))
    if (seen === 'answer' || seen === 'neither') frames.splice(before, 1)
    if (seen === 'question' || seen === 'neither') frames.pop()
  }
  ask(1, new Uint8Array(90), new Uint8Array(16))
  ask(5, smb.create(pipe), smb.created(1, 0), isLost('create') ? 'neither' : 'both')
  ask(9, smb.write(0, bind(SVCCTL)), smb.written(72), isLost('bind') ? 'answer' : 'both')
  ask(8, smb.read(0, 1024), smb.data(bindAck(`\\PIPE\\${pipe}`)), isLost('ack') ? 'question' : 'both')
  ask(
    11,
    join(
      le(2, 57),
      le(2, 0),
      le(4, 0x0011c017),
      FILE_ID,
      le(4, 120),
      le(4, 104),
      le(4, 0),
      le(4, 0),
      le(4, 0),
      le(4, 0),
      le(4, 1024),
      le(4, 1),
      le(4, 0),
      request(operation),
    ),
    new Uint8Array(60),
  )
  return frames
}

const tower = (id: string, port: number) =>
  join(
    le(2, 5),
    le(2, 19),
    0x0d,
    uuid(id),
    le(2, 4),
    le(2, 2),
    le(2, 0),
    le(2, 19),
    0x0d,
    NDR,
    le(2, 2),
    le(2, 2),
    le(2, 0),
    le(2, 1),
    0x0b,
    le(2, 2),
    le(2, 0),
    le(2, 1),
    7,
    le(2, 2),
    port >> 8,
    port & 255,
    le(2, 1),
    9,
    le(2, 4),
    new Uint8Array(4),
  )

/** DCSync: the mapper is asked for ports, then one of them is called. */
function overTcp(mapped: [string, number][], isBindLost: boolean): Uint8Array[] {
  const frames: Uint8Array[] = []
  const mapper = new Conversation(frames, 40_001, 135)
  mapper.send('client', bind(EPM)).send('server', bindAck('135'))
  for (const [id, port] of mapped)
    mapper.send('client', request(3)).send('server', pdu(2, join(new Uint8Array(60), tower(id, port), le(4, 0))))
  const replication = new Conversation(frames, 40_002, 49_667)
  const before = frames.length
  replication.send('client', bind(DRSUAPI)).send('server', bindAck('49667'))
  if (isBindLost) frames.splice(before, 1)
  replication.send('client', request(3)).send('server', response())
  return frames
}

async function findings(frames: Uint8Array[]): Promise<string[]> {
  const database = await analyzeBytes(pcapOf(frames))
  const found = rows(database, ['title', 'evidence'], "FROM alerts WHERE rule = 'remote-administration'")
  return found.map(({ title, evidence }) => `${title} ${String(evidence)}`)
}

it('over SMB is told by the name of the pipe', async () => {
  const expected = [expect.stringMatching(/created a service on .*RCreateServiceW.*svcctl \(by the name of its pipe/)]
  expect(await findings(overSmb({ isLost: (message) => message === 'bind' }))).toEqual(expected)
  expect(await findings(overSmb({ isLost: (message) => message !== 'create' }))).toEqual(expected)
})

it('over SMB is told by the answer to the bind, where the opening of the pipe is lost, too', async () => {
  expect(await findings(overSmb({ isLost: (message) => message !== 'ack' }))).toEqual([expect.stringContaining('by the name of its pipe')])
})

it('is told by the bind, if that is there, whatever the pipe is called', async () => {
  const found = await findings(overSmb({ isLost: () => false, pipe: 'winreg' }))
  expect(found).toEqual([expect.stringContaining('svcctl')])
  expect(found[0]).not.toContain('by the name')
})

it('is not guessed from the number of an operation, or from a pipe that serves several interfaces', async () => {
  expect(await findings(overSmb({ isLost: () => true }))).toEqual([])
  expect(await findings(overSmb({ isLost: (message) => message === 'bind', pipe: 'lsarpc' }))).toEqual([])
  expect(await findings(overSmb({ isLost: (message) => message === 'bind', operation: 15 }))).toEqual([])
  expect(await findings(overTcp([], true))).toEqual([])
})

it('over TCP is told by the port that the endpoint mapper has named', async () => {
  expect(await findings(overTcp([[DRSUAPI, 49_667]], true))).toEqual([
    expect.stringMatching(/copied the accounts .*drsuapi \(by the port that the endpoint mapper named/),
  ])
  expect(await findings(overTcp([[DRSUAPI, 49_667]], false))).toEqual([expect.stringMatching(/copied the accounts/)])
})

it('over TCP is not told by a port of another interface, or of several', async () => {
  expect(await findings(overTcp([[SAMR, 49_667]], true))).toEqual([])
  expect(
    await findings(
      overTcp(
        [
          [SAMR, 49_667],
          [DRSUAPI, 49_667],
        ],
        true,
      ),
    ),
  ).toEqual([])
  expect(await findings(overTcp([[DRSUAPI, 49_668]], true))).toEqual([])
})
