// kill -9 at many moments -> what the folder holds at once, after the next reader, and after the next run.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { restoreReports } from '../../src/node/restore-report.ts'
import { CLI, DEMO, digests, kill, leftovers, numberOf, startChild } from './support.ts'

export interface KillOutcome {
  kills: number
  /** Of the report that was there before. */
  old: number
  fresh: number
  /** No report at the path until it was put back. */
  restored: number
}

/** The whole program over the demo capture, killed at moments spread over its run. */
export async function killProgram(folder: string, kills: number): Promise<KillOutcome> {
  const target = join(folder, 'killed')
  const run = (out: string, origin: string) => ['analyze', DEMO, '-q', '--origin', origin, '-o', out]
  const old = join(folder, 'old')
  const fresh = join(folder, 'fresh')
  spawnSync(process.execPath, [CLI, ...run(old, '1,1')])
  const begunMs = performance.now()
  spawnSync(process.execPath, [CLI, ...run(fresh, '2,2')])
  const wholeMs = performance.now() - begunMs
  const known = [old, fresh].map((path) => JSON.stringify(digests(path)))
  const outcome: KillOutcome = { kills, old: 0, fresh: 0, restored: 0 }
  for (let trial = 0; trial < kills; trial++) {
    rmSync(target, { recursive: true, force: true })
    cpSync(old, target, { recursive: true })
    const child = spawn(process.execPath, [CLI, ...run(target, '2,2')], { stdio: 'ignore' })
    await new Promise((resolve) => setTimeout(resolve, (wholeMs * (trial + 0.5)) / kills))
    if (child.exitCode === null) await kill(child)
    if (!existsSync(target)) {
      outcome.restored++
      await restoreReports(target)
    }
    const state = known.indexOf(JSON.stringify(digests(target)))
    if (state < 0) throw new Error(`killed after ${trial}/${kills} of ${wholeMs} ms: the folder holds a mixture`)
    if (state === 0) outcome.old++
    else outcome.fresh++
  }
  if (spawnSync(process.execPath, [CLI, ...run(target, '2,2')]).status !== 0) throw new Error('the run after the kills failed')
  if (leftovers(target).length > 0) throw new Error(`left behind: ${leftovers(target).join(', ')}`)
  return outcome
}

/** A process that does nothing but replace reports, killed within the replacing. @param target a folder, or a mount point */
export async function killPublisher(child: string, target: string, kills: number): Promise<KillOutcome> {
  mkdirSync(target, { recursive: true })
  const outcome: KillOutcome = { kills, old: 0, fresh: 0, restored: 0 }
  for (let trial = 0; trial < kills; trial++) {
    const publisher = await startChild([process.execPath, child, 'publish', target])
    await new Promise((resolve) => setTimeout(resolve, (trial % 40) + Math.random()))
    await kill(publisher)
    const isThere = existsSync(join(target, 'index.html'))
    if (isThere) numberOf(target)
    else outcome.restored++
    await restoreReports(target)
    if (numberOf(target).startsWith(`${publisher.pid} `)) outcome.fresh++
    else outcome.old++
  }
  const last = await startChild([process.execPath, child, 'publish', target])
  await kill(last)
  await restoreReports(target)
  return outcome
}
