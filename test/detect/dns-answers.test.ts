// Data in DNS answers is one finding; keys of mail, proofs of ownership and short answers are none.
import { describe, expect, it } from 'vitest'
import { textLookups } from '../attacks/background/machines.ts'
import { type Channel, dnsAnswerChannel, dnsTunnel } from '../attacks/domain-names.ts'
import type { World } from '../attacks/world.ts'
import { linesOf } from '../evaluate/findings.ts'

async function findings(act: (world: World) => void): Promise<string[]> {
  return (await linesOf(act, 11, 3000)).filter((line) => !line.startsWith('info'))
}

describe('a channel in answers', () => {
  it.each<[Channel, number, number, string]>([
    ['dnscat2', 1, 60, 'high dns-answers .* got 60 DNS answers \\(TXT\\) below '],
    ['iodine', 1, 40, 'medium dns-answers .* got 40 DNS answers \\(NULL\\) below '],
    ['staged', 5, 20, 'medium dns-answers .* that are filled with data, 5 kB'],
    ['commands', 60, 14, 'medium dns-answers '],
  ])('of %s is found', async (kind, everyS, answers, expected) => {
    expect(await findings((world) => dnsAnswerChannel(world, 50, kind, everyS, answers))).toEqual([expect.stringMatching(expected)])
  })

  it('is not one of few answers, nor of the same one again', async () => {
    expect(await findings((world) => dnsAnswerChannel(world, 50, 'staged', 1, 9))).toEqual([])
    const again = (world: World) => {
      const client = world.newcomer()
      for (let i = 0; i < 60; i++)
        world.ask(world.at(i), client, `n${i}.example.com`, 'TXT', [{ type: 'TXT', data: 'Q0FGRUJBQkUx'.repeat(12) }])
    }
    expect(await findings(again)).toEqual([])
  })

  it('whose names carry data, too, is the finding of the names', async () => {
    const act = (world: World) => dnsTunnel(world, 50, { encoding: 'hexadecimal', type: 'TXT', perSecond: 2, queries: 200, length: 60 })
    expect(await findings(act)).toEqual([expect.stringMatching('^high dns-tunnel ')])
  })

  it('is none of SPF, DKIM, DMARC, proofs of ownership, block lists and virus scanners', async () => {
    expect(await findings(textLookups)).toEqual([])
  })
})
