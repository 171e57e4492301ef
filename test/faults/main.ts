// `npm run faults [-- --kills 200 --sizes 30 --races 10]`: kills, full disks, several writers, failing reads -> what is in the output folder then.
// Stops with an error where a report is lost or mixed, or something is left behind. Needs Linux and root, for disks and PID namespaces of its own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { breakReads } from './broken-reads.ts'
import { fillDisks } from './full-disks.ts'
import { killAtEveryStep, killProgram, killPublisher } from './kills.ts'
import { race } from './races.ts'
import { buildChild } from './support.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    sizes: { type: 'string', default: '30' },
    races: { type: 'string', default: '10' },
  },
})
const [kills, sizes, races] = [values.kills, values.sizes, values.races].map(Number) as [number, number, number]

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-faults-'))
const child = await buildChild(folder)
const mount = join(folder, 'mount')

async function trial(name: string, run: (folder: string) => unknown): Promise<void> {
  const own = mkdtempSync(join(folder, 'trial-'))
  const begunMs = performance.now()
  const outcome = await run(own)
  console.log(`${name}: ${JSON.stringify(outcome)} (${Math.round((performance.now() - begunMs) / 1000)} s)`)
}

try {
  await trial('killed before each step of replacing', (own) => killAtEveryStep(child, join(own, 'report')))
  await trial('killed while replacing', (own) => killPublisher(child, join(own, 'report'), kills))
  mkdirSync(mount)
  spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', mount])
  await trial('killed before each step in a mount point', () => killAtEveryStep(child, mount))
  await trial('killed while replacing in a mount point', () => killPublisher(child, mount, kills))
  await trial('failing reads', breakReads)
  await trial('full disks', (own) => fillDisks(own, sizes, false))
  await trial('full disks that are the folder', (own) => fillDisks(own, sizes, true))
  await trial('two writers', (own) => race(own, races, []))
  await trial('two writers in two PID namespaces', (own) => race(own, races, ['unshare', '--pid', '--fork', '--mount-proc']))
  await trial('killed at any moment', (own) => killProgram(own, kills))
} finally {
  spawnSync('umount', [mount])
  rmSync(folder, { recursive: true, force: true })
}
