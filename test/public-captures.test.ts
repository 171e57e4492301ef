// The list of public captures is sound, and what it names is fetched by the ids of the blobs, also what a repository no longer holds.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { fetchCaptures, readList, SOURCES } from './public-captures.ts'

test('the list names 1,095 files of the two repositories, and those that differ or were judged', () => {
  const listed = readList()
  expect(listed).toHaveLength(1095)
  const names = new Set(listed.map(({ name }) => name))
  for (const { blob, name } of listed) {
    expect(blob, name).toMatch(/^[0-9a-f]{40}$/)
    expect(Object.keys(SOURCES)).toContain(name.split('/')[0])
  }
  const { differences } = JSON.parse(readFileSync(new URL('known-differences.json', import.meta.url), 'utf8')) as { differences: object }
  for (const name of Object.keys(differences)) expect(names, name).toContain(name)
})

test('a capture is fetched as it was when it was listed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtnvis-captures-test-'))
  try {
    const repository = join(folder, 'repository')
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
        encoding: 'utf8',
      }).trim()
    execFileSync('git', ['init', '--quiet', repository])
    git('config', 'uploadpack.allowFilter', 'true')
    git('config', 'uploadpack.allowAnySHA1InWant', 'true')
    writeFileSync(join(repository, 'a.pcap'), 'then')
    git('add', '.')
    git('commit', '--quiet', '-m', 'one')
    const blob = git('rev-parse', 'HEAD:a.pcap')
    writeFileSync(join(repository, 'a.pcap'), 'now')
    git('commit', '--quiet', '-am', 'two')
    fetchCaptures(join(folder, 'out'), [{ blob, name: 'here/a.pcap' }], { here: pathToFileURL(repository).href })
    expect(readFileSync(join(folder, 'out/here/a.pcap'), 'utf8')).toBe('then')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
