// A slice of the evaluation: rules find what the generator did, and are quiet where it did nothing. `npm run evaluate` has the whole of it.
import { beforeAll, describe, expect, it } from 'vitest'
import { RULES } from '../src/detect/rules/index.ts'
import { labelledSlice } from './attacks/set.ts'
import { detectionOf, findingsOf } from './evaluate/findings.ts'
import { Scores } from './evaluate/score.ts'

const scores = new Scores()

beforeAll(async () => {
  for (const { name, pcap, labels } of labelledSlice()) {
    const { findings } = await findingsOf(pcap, detectionOf(labels))
    scores.add(name, findings, labels)
  }
})

describe('labelled attacks inside background', () => {
  it('are found', () => {
    const ids = new Set(RULES.map(({ id }) => id))
    expect(scores.misses.filter(({ rule }) => ids.has(rule))).toEqual([])
  })

  it('and nothing else is', () => {
    expect(scores.falseFindings).toEqual([])
  })
})
