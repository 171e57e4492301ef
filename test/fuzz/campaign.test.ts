// A short campaign over the fixtures, and the fuzzer's own promises: same seed, same mutant; what hangs, lies or grows is caught and named.
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../src/capture/index.ts'
import { sourceOf } from '../support/analysis.ts'
import { makeStructure } from './block-structures.ts'
import { type Failure, run } from './campaign.ts'
import { bytesOf, modelOf, packetOf, withPacket } from './capture-model.ts'
import { Chance } from './chance.ts'
import { fieldsOf, ipHeaderAt } from './fields.ts'
import { makeMutant, type Subject } from './mutant.ts'
import { expectSound } from './soundness.ts'
import { readSubjects } from './subjects.ts'
import { Tables } from './tables.ts'
import { watch } from './watch.ts'

const fixtures = await readSubjects(new URL('../../fixtures/', import.meta.url).pathname)
/** The demo alone is larger than all the others. */
const subjects = fixtures.filter(({ bytes }) => bytes.length < 100_000)
const fixture = (name: string): Subject => fixtures.find((subject) => subject.name.startsWith(`${name}/`))!

test('spoilt fixtures: nothing thrown, nothing that does not add up', async () => {
  const failures: Failure[] = []
  const campaign = { subjects, donors: subjects, seed: 20260917, each: 12, from: 0, seconds: 20, budgetMs: 2000 }
  const outcome = await run(campaign, { onMutant: () => {}, onFailure: (failure) => failures.push(failure) })
  expect(failures).toEqual([])
  expect(outcome.mutants).toBeGreaterThan(200)
  // Most mutants must still be captures, or the decoders behind the file format see nothing.
  expect(outcome.accepted / outcome.mutants).toBeGreaterThan(0.6)
})

describe('mutants', () => {
  test('come out the same for the same seed, and differ by number', () => {
    const subject = fixture('names-tls')
    const mutants = [0, 0, 1].map((index) => Buffer.from(makeMutant(subject, subjects, 7, index).bytes).toString('hex'))
    expect(mutants[0]).toBe(mutants[1])
    expect(mutants[0]).not.toBe(mutants[2])
    expect(mutants[0]).not.toBe(Buffer.from(subject.bytes).toString('hex'))
  })

  test('leave the capture they were made from alone', () => {
    const before = subjects.map(({ bytes }) => Buffer.from(bytes).toString('latin1'))
    for (let index = 0; index < 20; index++) for (const subject of subjects) makeMutant(subject, subjects, 3, index)
    expect(subjects.map(({ bytes }) => Buffer.from(bytes).toString('latin1'))).toEqual(before)
  })
})

describe('taking a capture apart', () => {
  test.each(fixtures)('$name: the pieces make the whole', ({ bytes }) => {
    expect(Buffer.compare(bytesOf(modelOf(bytes)), bytes)).toBe(0)
  })

  test.each(['format-pcap-be-micro', 'format-pcapng-be', 'format-pcapng-simple'])('%s: another packet in the same frame', (name) => {
    const model = modelOf(fixture(name).bytes)
    const index = model.pieces.findIndex(({ packetAt }) => packetAt >= 0)
    model.pieces[index] = withPacket(model.pieces[index], Uint8Array.of(1, 2, 3, 4, 5))
    const again = modelOf(bytesOf(model))
    expect(again.pieces).toHaveLength(model.pieces.length)
    expect([...packetOf(again.pieces[index])]).toEqual([1, 2, 3, 4, 5])
  })

  test('the fields of a packet are found', () => {
    const packet = packetOf(modelOf(fixture('names-dns').bytes).pieces[0])
    expect(ipHeaderAt(packet)).toBe(14)
    const places = fieldsOf(packet).map(({ at, kind }) => `${kind} ${at}`)
    // EtherType; total length, flags and offset, protocol of IPv4; length of UDP; the count of questions of DNS.
    expect(places).toEqual(expect.arrayContaining(['ethertype 12', 'number 16', 'number 20', 'protocol 23', 'number 38', 'number 46']))
  })
})

test('structures of valid pcapng blocks: every packet is read', async () => {
  const packets = [new Uint8Array(0), ...modelOf(fixture('names-dns').bytes).pieces.map(packetOf)]
  for (let seed = 0; seed < 60; seed++) {
    const made = makeStructure(packets, new Chance(seed))
    const reader = await CaptureReader.open(sourceOf(made.bytes, 501).chunks, 'made')
    let count = 0
    do while (reader.next()) count++
    while (await reader.fill())
    expect({ seed, count, endedBy: reader.endedBy }).toEqual({ seed, count: made.packets, endedBy: 'end of file' })
  }
})

describe('what is caught', () => {
  const job = { subjects: subjects.slice(0, 2), donors: [], seed: 1, each: 1, from: 0, seconds: 30, budgetMs: 1000 }
  const limits = { hangMs: 2000, rssBytes: 1e12, heapMegabytes: 64 }
  const BEGIN =
    "const { parentPort, workerData: { beat, skip } } = require('node:worker_threads'); beat[0] = skip; Atomics.add(beat, 2, 1); "
  const END = 'parentPort.postMessage({ outcome: { mutants: 1, accepted: 1, slowestMs: 0, heapFrom: 0, heapTo: 0 } })'

  async function watchCode(code: string): Promise<Failure[]> {
    const failures: Failure[] = []
    const start = (data: object): Worker =>
      new Worker(`${BEGIN} if (skip === 0) { ${code} } else ${END}`, {
        eval: true,
        workerData: data,
        resourceLimits: { maxOldGenerationSizeMb: 32 },
      })
    await watch(job, limits, (failure) => failures.push(failure), start)
    return failures
  }

  test.each([
    ['a loop without end', 'for (;;);', 'hang: not done after 2000 ms'],
    ['a promise that never settles', '', 'hang: it waits'],
    ['memory without end', 'const all = []; for (;;) all.push(new Array(1000).fill(all.length))', 'the thread ended'],
    ['a thread that throws', "throw new Error('out of bounds')", 'out of bounds'],
  ])('%s, and the mutants after it still run', async (_, code, what) => {
    const failures = await watchCode(code)
    expect(failures).toHaveLength(1)
    expect(failures[0].name).toBe(subjects[0].name)
    expect(failures[0].what).toContain(what)
  })

  test.each([
    ['NaN', [1, Number.NaN], 'is NaN'],
    ['a count below zero', [1, -1], 'below zero'],
    ['a control character', [1, 'a\u001b[2J'], 'control characters'],
    ['a sum that does not add up', [1, 5], 'packets = in conversations + skipped: 5 and 1'],
  ])('%s', (_, values, what) => {
    const all = new Tables()
    all.tables.set('captures', { columns: ['ip_packets', 'packets'], values })
    expect(() => expectSound(all)).toThrow(what)
  })
})
