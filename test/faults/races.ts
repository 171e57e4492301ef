// Two runs into one folder at once, from one PID namespace or two -> one report, whole, and one line from the other that says who has the folder.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CLI, DEMO, digests, leftovers } from './support.ts'

export interface RaceOutcome {
  races: number
  refused: number
  /** Both came to their end, one after the other. */
  both: number
}

/** @param wrapper in front of every second run, as ['unshare', '--pid', '--fork'] */
export async function race(folder: string, races: number, wrapper: string[]): Promise<RaceOutcome> {
  const target = join(folder, 'raced')
  const outcome: RaceOutcome = { races, refused: 0, both: 0 }
  const known: string[] = []
  for (const origin of ['1,1', '2,2']) {
    const out = join(folder, `alone-${origin}`)
    await run([process.execPath, CLI, 'analyze', DEMO, '-q', '--origin', origin, '-o', out])
    known.push(JSON.stringify(digests(out)))
  }
  for (let trial = 0; trial < races; trial++) {
    const runs = ['1,1', '2,2'].map((origin, index) =>
      run([...(index === 1 ? wrapper : []), process.execPath, CLI, 'analyze', DEMO, '-q', '--origin', origin, '-o', target]),
    )
    const ended = await Promise.all(runs)
    const lost = ended.filter(({ status }) => status !== 0)
    if (lost.length > 1) throw new Error(`both failed: ${lost.map(({ said }) => said).join()}`)
    for (const { status, said } of lost)
      if (status !== 1 || !/another rtnvis is writing this report( \(pid \d+ on .*, since .* UTC\))?: wait for it/.test(said))
        throw new Error(said)
    outcome.refused += lost.length
    if (lost.length === 0) outcome.both++
    if (!known.includes(JSON.stringify(digests(target)))) throw new Error('the folder holds a mixture')
    if (leftovers(target).length > 0) throw new Error(`left behind: ${leftovers(target).join(', ')}`)
  }
  return outcome
}

function run([program, ...args]: string[]): Promise<{ status: number | null; said: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, said })))
}
