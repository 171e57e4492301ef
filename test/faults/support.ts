// What tests and trials of the output folder share: a program to kill, what a folder holds, what is left beside it.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const CLI = join(ROOT, 'dist/node/cli.js')
export const DEMO = join(ROOT, 'fixtures/demo/input.pcapng')

/** Bundles child.ts into `folder`. @returns the program's path */
export async function buildChild(folder: string): Promise<string> {
  const outfile = join(folder, 'child.mjs')
  await build({
    entryPoints: [join(ROOT, 'test/faults/child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  return outfile
}

/** Starts a child and waits for its first word. */
export async function startChild(command: string[], options: { env?: NodeJS.ProcessEnv } = {}): Promise<ChildProcess> {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
    })
    child.stdout.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}: ${said}`)))
  })
  return child
}

export async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Relative path -> digest of every file below a folder; what is hidden by the program is left out. */
export function digests(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
  return Object.fromEntries(
    paths
      .filter((path) => !path.includes('.rtnvis-'))
      .sort()
      .map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]),
  )
}

/** Of a folder made by child.ts: the one number in all of its files. @throws Error if there are several, or files are missing */
export function numberOf(folder: string): string {
  const texts = ['index.html', 'report.html', 'report.md', 'assets/app.js', 'assets/data/manifest.js'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  )
  const all = new Set([...texts, readFileSync(join(folder, 'traffic.sqlite')).toString('latin1', 100)])
  if (all.size !== 1) throw new Error(`${folder} is a mixture: ${[...all].join(', ')}`)
  return [...all][0]
}

/** What the program hides beside a folder and in it. */
export function leftovers(folder: string): string[] {
  const names = [...readdirSync(dirname(folder)), ...readdirSync(folder)]
  return names.filter((name) => name.includes('rtnvis-'))
}
