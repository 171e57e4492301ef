// Answers of HTTP servers in TCP segments of every kind -> SHA-256 of the programs they carry, computed by Node; or nothing where a byte is missing.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { HttpBody } from '../../src/detect/observe/http-body.ts'
import { readIncidents } from '../../src/report/incidents.ts'
import { analyzeBytes, rows } from '../support/analysis.ts'
import { ethernet, ipv4, join, type Part, tcp } from '../support/build.ts'
import { pcapHeader, pcapRecord } from '../support/capture-files.ts'

const [CLIENT, SERVER] = ['10.0.0.5', '203.0.113.9']
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Begins as an ELF file does; the rest has no pattern that would hide a repeated or missing part. */
const PROGRAM = Uint8Array.from({ length: 5000 }, (_, i) => [0x7f, 0x45, 0x4c, 0x46][i] ?? (i * i * 7 + i * 13) & 0xff)

interface Segment {
  at: number
  bytes: Uint8Array
}

/** A request, then the segments of its answer; positions are within the answer. */
function download(segments: Segment[], cut?: number): Uint8Array {
  const fromClient = (flags: string, payload: Part, sequence: number) =>
    ethernet(ipv4(CLIENT, SERVER, tcp(40_000, 80, flags, payload, { sequence })))
  const fromServer = (flags: string, payload: Part, sequence: number) =>
    ethernet(ipv4(SERVER, CLIENT, tcp(80, 40_000, flags, payload, { sequence })))
  const frames = [
    fromClient('S', '', 99),
    fromServer('SA', '', FIRST - 1),
    fromClient('PA', 'GET /tool HTTP/1.1\r\nHost: files.example\r\n\r\n', 100),
    ...segments.map(({ at, bytes }) => fromServer('PA', bytes, (FIRST + at) >>> 0)),
  ]
  const records = frames.map((bytes, i) =>
    i === cut
      ? pcapRecord({ atUs: (1_700_000_000 + i) * 1e6, bytes: bytes.subarray(0, bytes.length - 100), wireBytes: bytes.length })
      : pcapRecord({ atUs: (1_700_000_000 + i) * 1e6, bytes }),
  )
  return join(pcapHeader(), ...records)
}

/** Sequence numbers pass 2^32 within the answer. */
const FIRST = 2 ** 32 - 1500

function segmentsOf(answer: Uint8Array, size = 1000): Segment[] {
  return Array.from({ length: Math.ceil(answer.length / size) }, (_, i) => ({
    at: i * size,
    bytes: answer.subarray(i * size, (i + 1) * size),
  }))
}

const withLength = join(`HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: ${PROGRAM.length}\r\n\r\n`, PROGRAM)
const chunk = (bytes: Uint8Array) => join(`${bytes.length.toString(16)};name=value\r\n`, bytes, '\r\n')
const inChunks = join(
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  chunk(PROGRAM.subarray(0, 1777)),
  chunk(PROGRAM.subarray(1777)),
  '0\r\n\r\n',
)

async function files(capture: Uint8Array): Promise<string[]> {
  const found = rows(
    await analyzeBytes(capture),
    ['ip', 'value', 'frame'],
    "FROM identities i JOIN hosts h ON h.id = host_id WHERE kind = 'file'",
  )
  return found.map(({ ip, value, frame }) => `${ip} ${value} frame ${frame}`)
}

describe('a program', () => {
  const expected = [`${SERVER} ${digest(PROGRAM)} frame 4`]

  it('is known by its digest, with a length and in chunks', async () => {
    expect(await files(download(segmentsOf(withLength)))).toEqual(expected)
    expect(await files(download(segmentsOf(inChunks)))).toEqual(expected)
    expect(await files(download(segmentsOf(inChunks, 733)))).toEqual(expected)
  })

  it('is the same where segments are repeated, overlap or come early', async () => {
    const [first, ...rest] = segmentsOf(withLength)
    const overlapping = { at: 2500, bytes: withLength.subarray(2500, 3700) }
    expect(await files(download([first, first, ...rest.reverse(), overlapping]))).toEqual(expected)
    expect(await files(download([first, rest[4], overlapping, ...rest]))).toEqual(expected)
  })

  it('has no digest where bytes are missing, cut, compressed or only a part', async () => {
    const segments = segmentsOf(withLength)
    expect(await files(download(segments.filter((_, i) => i !== 2)))).toEqual([])
    expect(await files(download(segments.slice(0, -1)))).toEqual([])
    expect(await files(download(segments, 5))).toEqual([])
    const head = (line: string, status = '200 OK') =>
      segmentsOf(join(`HTTP/1.1 ${status}\r\nContent-Length: ${PROGRAM.length}\r\n${line}\r\n`, PROGRAM))
    expect(await files(download(head('Content-Encoding: gzip\r\n')))).toEqual([])
    expect(await files(download(head('', '206 Partial Content')))).toEqual([])
    expect(await files(download(head('Server: a\r\n')))).toEqual(expected)
  })

  it('is an indicator of the incident that its finding makes', async () => {
    const database = await analyzeBytes(download(segmentsOf(withLength)))
    const indicators = readIncidents(database).flatMap((incident) => incident.indicators)
    expect(indicators.filter(({ kind }) => kind === 'file')).toMatchObject([{ value: digest(PROGRAM), strength: 'seen', frame: 4 }])
  })
})

it.each([
  ['a ZIP, as Office writes it', 'PK\x03\x04\x14\0\x06\0'],
  ['a RAR', 'Rar!\x1a\x07\x01\0'],
  ['a PDF', '%PDF-1.7'],
  ['a cabinet', 'MSCF\0\0\0\0'],
])('%s has a digest, and is no finding', async (_, begin) => {
  const file = join(begin, PROGRAM.subarray(8))
  const capture = download(segmentsOf(join(`HTTP/1.1 200 OK\r\nContent-Length: ${file.length}\r\n\r\n`, file)))
  expect(await files(capture)).toEqual([`${SERVER} ${digest(file)} frame 4`])
  expect(rows(await analyzeBytes(capture), ['rule'], "FROM alerts WHERE rule = 'program-download'")).toEqual([])
})

it('other files have no digest: nothing says what they are', async () => {
  const text = join(`HTTP/1.1 200 OK\r\nContent-Length: ${PROGRAM.length}\r\n\r\nhello`, PROGRAM.subarray(5))
  expect(await files(download(segmentsOf(text)))).toEqual([])
})

describe('hostile bodies', () => {
  it.each([
    ['a size of too many digits', 'ffffffffffff\r\n'],
    ['a size without digits', '\r\n'],
    ['a chunk longer than all that is hashed', `fffffff\r\n${'x'.repeat(2000)}`],
  ])('%s', (_, text) => {
    expect(new HttpBody(0, null, { add: (bytes) => bytes.length <= 1000 }).add(0, join(text))).toBe('failed')
  })

  it('with more gaps than are remembered', () => {
    const body = new HttpBody(0, 100_000, { add: () => true })
    let state = ''
    for (let i = 0; i < 100; i++) state = body.add(10 + i * 20, new Uint8Array(10))
    expect(state).toBe('failed')
  })
})
