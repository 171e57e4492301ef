// Disks of many sizes, all too small -> one line that says so, the old report, nothing else. Needs root, for tmpfs.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CLI, DEMO, digests } from './support.ts'

export interface DiskOutcome {
  full: number
  written: number
  /** The lines said, with figures taken out. */
  lines: string[]
}

/** @param isMount the disk itself is the output folder; otherwise a folder on it */
export function fillDisks(folder: string, sizes: number, isMount: boolean): DiskOutcome {
  const whole = join(folder, 'whole')
  spawnSync(process.execPath, [CLI, 'analyze', DEMO, '-q', '-o', whole])
  const neededBytes = bytesOf(whole)
  const outcome: DiskOutcome = { full: 0, written: 0, lines: [] }
  const lines = new Set<string>()
  for (let trial = 1; trial <= sizes; trial++) {
    const disk = join(folder, `disk-${trial}`)
    mkdirSync(disk)
    const sizeKb = Math.ceil((neededBytes * 1.6 * trial) / sizes / 1024)
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', disk]).status !== 0)
      throw new Error('mount failed: are you root?')
    try {
      const target = isMount ? disk : join(disk, 'report')
      const first = spawnSync(process.execPath, [CLI, 'analyze', DEMO, '-q', '--no-site', '-o', target])
      const old = first.status === 0 ? digests(target) : {}
      const run = spawnSync(process.execPath, [CLI, 'analyze', DEMO, '-q', '-o', target], { encoding: 'utf8' })
      const hidden = readdirSync(disk, { recursive: true }).filter((name) => String(name).includes('rtnvis-'))
      if (hidden.length > 0) throw new Error(`${sizeKb} kB: left behind ${hidden.join(', ')}`)
      if (run.status === 0) {
        outcome.written++
        continue
      }
      const line = run.stderr.trimEnd()
      if (run.status !== 1 || !/^rtnvis: .*: no space left on .*: about .* needed, .* free; /.test(line) || line.includes('\n'))
        throw new Error(`${sizeKb} kB: status ${run.status}, ${run.stderr}`)
      lines.add(
        line
          .replace(folder, '')
          .replace(/disk-\d+/g, 'disk')
          .replace(/[\d.,]+ (B|kB|MB)/g, '_'),
      )
      const left = first.status === 0 ? digests(target) : {}
      if (JSON.stringify(left) !== JSON.stringify(old)) throw new Error(`${sizeKb} kB: the old report did not stay`)
      outcome.full++
    } finally {
      spawnSync('umount', [disk])
      rmSync(disk, { recursive: true, force: true })
    }
  }
  return { ...outcome, lines: [...lines] }
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
