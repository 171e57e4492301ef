// What the documents promise is true: they name every option, table and folder, and versions are exact.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { TABLES } from '../src/store/schema.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

test.each(['analyze', 'live', 'serve', 'verify', 'rules', 'interfaces'])('the README names every option of %s', (command) => {
  const help = spawnSync(process.execPath, [join(ROOT, 'dist/node/cli.js'), command, '--help'], { encoding: 'utf8' }).stdout
  const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1]!).filter((option) => option !== '--help')
  expect(options).not.toEqual([])
  for (const option of options) expect(read('README.md'), option).toMatch(new RegExp(`${option}(?![a-z-])`))
})

test('the README names every table', () => {
  const tables = [...TABLES.matchAll(/CREATE TABLE (\w+)/g)].map((match) => match[1]!)
  expect(tables).toHaveLength(15)
  for (const table of tables) expect(read('README.md'), table).toContain(`\`${table}\``)
})

test('versions are pinned exactly', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
})

test('the top level holds what it may', () => {
  const tracked = spawnSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).stdout.trim().split('\n')
  const top = new Set(tracked.map((file) => file.split('/')[0]!))
  const allowed = ['package.json', 'tsconfig.json', 'src', 'site', 'fixtures', 'output', 'test']
  const beside = ['package-lock.json', 'README.md', 'LICENSE', 'CHANGELOG.md']
  for (const name of top) expect(name.startsWith('.') || allowed.includes(name) || beside.includes(name), name).toBe(true)
})
