// Rules about the health of TCP: what has to be found, and what only resembles it. All of severity info.
import { describe, expect, it } from 'vitest'
import { closedWindow, lossyDownload, slowAnswers } from '../attacks/health.ts'
import { written } from '../attacks/set.ts'
import { World } from '../attacks/world.ts'
import { type FoundFinding, findingsOf } from '../evaluate/findings.ts'

const HEALTH = ['lossy-path', 'slow-server', 'full-receiver']

async function findings(act: (world: World) => void): Promise<FoundFinding[]> {
  const world = new World({ seed: 5, seconds: 2400, loss: 0, isBehindNat: false })
  act(world)
  const found = (await findingsOf(written(world.sorted()))).findings
  return found.filter(({ rule }) => HEALTH.includes(rule))
}

describe('a lossy path', () => {
  it('is found from both ends of it, whoever sends', async () => {
    let ends = { client: '', server: '' }
    const found = await findings((world) => {
      ends = lossyDownload(world, 10, 0.05, 1500)
    })
    expect(found).toMatchObject([{ rule: 'lossy-path', severity: 'info', source: ends.client, target: ends.server }])
    expect(found[0].title).toMatch(/^Between .+ and .+, (4|5)(\.\d)? % of 1,5\d\d TCP segments with data were sent again\.$/)
  })

  it('is none with few losses, with few segments, or where the capture has all packets twice', async () => {
    expect(await findings((world) => void lossyDownload(world, 10, 0.01, 1500))).toEqual([])
    expect(await findings((world) => void lossyDownload(world, 10, 0.1, 100))).toEqual([])
    const twice = (world: World) => {
      lossyDownload(world, 10, 0, 500)
      world.packets.push(...world.packets.map((packet) => ({ ...packet, atUs: packet.atUs + 50 })))
    }
    expect(await findings(twice)).toEqual([])
  })
})

describe('a slow server', () => {
  it('is found by the median of its answers', async () => {
    let server = ''
    const found = await findings((world) => {
      server = slowAnswers(world, 10, 3, 8).server
    })
    expect(found).toMatchObject([{ rule: 'slow-server', severity: 'info', source: null, target: server }])
    expect(found[0].title).toMatch(/ port 80 takes (2\.7|2\.8|2\.9|3|3\.\d) s to begin its answers \(median of 8 conversations\)\.$/)
  })

  it('is none with few answers, with quick ones, or where it holds requests until there is news', async () => {
    expect(await findings((world) => void slowAnswers(world, 10, 3, 4))).toEqual([])
    expect(await findings((world) => void slowAnswers(world, 10, 0.6, 20))).toEqual([])
    expect(await findings((world) => void slowAnswers(world, 10, 30, 20))).toEqual([])
  })
})

describe('a full receiver', () => {
  it('is found by how long its window was closed', async () => {
    let ends = { receiver: '', sender: '' }
    const found = await findings((world) => {
      ends = closedWindow(world, 10, 4)
    })
    expect(found).toMatchObject([{ rule: 'full-receiver', severity: 'info', source: ends.receiver, target: ends.sender }])
    expect(found[0].title).toBe(`${ends.receiver} had no room for data for 4 s in 1 conversation (TCP zero window).`)
  })

  it('is none when the window opens soon', async () => {
    expect(await findings((world) => void closedWindow(world, 10, 0.5))).toEqual([])
  })
})
