// `npm run captures -- DIR`: fetches the public captures that continuous integration checks, out of the two repositories they belong to.
// public-captures.txt names each by the id of its Git blob, so the bytes are the same whatever the repositories hold today.
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Folder in DIR -> where it comes from: test data, of tcpdump (BSD 3-clause) and of nDPI (LGPL 3). */
export const SOURCES: Record<string, string> = {
  tcpdump: 'https://github.com/the-tcpdump-group/tcpdump.git',
  ndpi: 'https://github.com/ntop/nDPI.git',
}

export interface Listed {
  blob: string
  /** Folder and file, as in known-differences.json. */
  name: string
}

export function readList(): Listed[] {
  const lines = readFileSync(new URL('public-captures.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => ({ blob: line.slice(0, 40), name: line.slice(41) }))
}

/** Writes what is listed into `folder`. @throws Error with Git's words */
export function fetchCaptures(folder: string, listed: Listed[], sources: Record<string, string>): void {
  for (const [source, address] of Object.entries(sources)) {
    const own = listed.filter(({ name }) => name.startsWith(`${source}/`))
    const clone = mkdtempSync(join(tmpdir(), 'rtnvis-captures-'))
    try {
      // The history without contents, then the wanted contents in one request.
      git(['clone', '--quiet', '--bare', '--filter=blob:none', address, clone])
      const wanted = own.map(({ blob }) => `${blob}\n`).join('')
      const inOneRequest = ['-c', 'fetch.negotiationAlgorithm=noop', 'fetch', 'origin', '--quiet', '--no-tags', '--no-write-fetch-head']
      git(['-C', clone, ...inOneRequest, '--filter=blob:none', '--stdin'], { input: wanted })
      for (const { blob, name } of own) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), git(['-C', clone, 'cat-file', 'blob', blob]))
      }
    } finally {
      rmSync(clone, { recursive: true, force: true })
    }
  }
}

function git(args: string[], options: SpawnSyncOptions = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync('git', args, { maxBuffer: 1e9, ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${String(stderr).trim()}`)
  return stdout as Buffer
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = process.argv[2]
  if (folder === undefined) throw new Error('npm run captures -- DIR: into which folder?')
  const listed = readList()
  fetchCaptures(folder, listed, SOURCES)
  console.log(`${listed.length} captures in ${folder}`)
}
