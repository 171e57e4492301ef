// kill -9 at many moments -> what the folder holds at once, after the next reader, and after the next run.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { restoreReports } from '../../src/node/output/restore-report.ts'
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

/** Ends a process, as kill -9 does, before its call number KILL_AT of those that change files; 0: never. */
const KILL_AT_STEP = `
  import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
  let left = Number(process.env.KILL_AT);
  for (const name of ['mkdir', 'rename', 'rm', 'rmdir', 'unlink', 'writeFile', 'open']) {
    const call = fs.promises[name];
    fs.promises[name] = (...given) => (--left === 0 ? process.kill(process.pid, 'SIGKILL') : call(...given));
  }
  syncBuiltinESMExports();`

/** A report replaced by a process that is killed before each of its steps in turn. @param target a folder, or a mount point */
export async function killAtEveryStep(child: string, target: string): Promise<KillOutcome> {
  mkdirSync(target, { recursive: true })
  const replace = (step: number) =>
    spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(KILL_AT_STEP)}`, child, 'replace', target], {
      encoding: 'utf8',
      env: { ...process.env, KILL_AT: String(step) },
    })
  const outcome: KillOutcome = { kills: 0, old: 0, fresh: 0, restored: 0 }
  replace(0)
  for (let step = 1; ; step++) {
    const before = numberOf(target)
    const { pid, signal, status, stderr } = replace(step)
    if (signal === null && status === 0) break
    if (signal !== 'SIGKILL') throw new Error(`step ${step}: ${stderr}`)
    outcome.kills++
    if (existsSync(join(target, 'index.html'))) numberOf(target)
    else outcome.restored++
    await restoreReports(target)
    const after = numberOf(target)
    if (after === before) outcome.old++
    else if (after.startsWith(`${pid} `)) outcome.fresh++
    else throw new Error(`step ${step}: ${after}, which is neither old nor new`)
  }
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
