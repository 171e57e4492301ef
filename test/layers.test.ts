// The houses' maps name every folder, and imports only run down their tables. (Circles are the linter's: noImportCycles in .biome.json.)
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const IMPORT = /(?:\bfrom|\bimport\()\s*'(\.[^']+)'/g

/** Files of `src` that belong to no folder lie below all of them; the pipeline lies below `browser` and `node` alone. */
const PIPELINE = ['analysis.ts', 'analyze.ts', 'look-ahead.ts']

function layersOf(readme: string): string[] {
  return [...readFileSync(join(ROOT, readme), 'utf8').matchAll(/^\| `([a-z-]+)` *\|/gm)].map((match) => match[1])
}

function sourcesOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter(
    (entry) => entry.isFile() && /\.(ts|astro)$/.test(entry.name),
  )
  return files.map((entry) => join(entry.parentPath, entry.name))
}

/** [file, what it imports], below `base`. */
function importsOf(base: string): [string, string][] {
  return sourcesOf(base).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match): [string, string] => [file, resolve(dirname(file), match[1])]),
  )
}

describe.each([
  ['src/README.md', 'src'],
  ['site/README.md', 'site/src'],
])('%s', (readme, folder) => {
  const base = join(ROOT, folder)
  const layers = layersOf(readme)
  const top = (file: string) => relative(base, file).split(sep)[0]
  const rank = (file: string) => (PIPELINE.includes(top(file)) ? layers.length - 2.5 : layers.indexOf(top(file)))

  test('names the folders that are there, and no others', () => {
    const folders = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect([...layers].sort()).toEqual(folders.map((entry) => entry.name).sort())
  })

  test('imports run down its table', () => {
    const imports = importsOf(base)
    expect(imports.length).toBeGreaterThan(300)
    const within = imports.filter(([, target]) => target.startsWith(base + sep))
    const upward = within.filter(([file, target]) => rank(target) > rank(file))
    expect(upward.map(([file, target]) => `${relative(ROOT, file)} imports ${relative(ROOT, target)}`)).toEqual([])
  })
})

test('the two threads of the page meet only in protocol', () => {
  const worker = join(ROOT, 'site/src/worker') + sep
  const shared = ['ui', 'model', 'protocol', 'worker'].map((name) => join(ROOT, 'site/src', name) + sep)
  const wrong = importsOf(join(ROOT, 'site/src')).filter(([file, target]) => {
    if (!target.startsWith(join(ROOT, 'site/src') + sep)) return false
    return file.startsWith(worker) ? !shared.some((folder) => target.startsWith(folder)) : target.startsWith(worker)
  })
  expect(wrong).toEqual([])
})

test('the page imports nothing from src that uses Node', () => {
  const wrong = importsOf(join(ROOT, 'site/src')).filter(([, target]) => target.startsWith(join(ROOT, 'src/node') + sep))
  expect(wrong).toEqual([])
})

test('the map of the tests names what is there', () => {
  const map = readFileSync(join(ROOT, 'test/README.md'), 'utf8')
  const rows = map.split('\n').filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => [...row.split('|')[1].matchAll(/`([\w.-]+)`/g)].map((match) => match[1]))
  const there = readdirSync(join(ROOT, 'test'), { withFileTypes: true })
  expect(there.filter((entry) => entry.isDirectory() && !named.includes(entry.name)).map((entry) => entry.name)).toEqual([])
  expect(named.filter((name) => !there.some((entry) => entry.name === name))).toEqual([])
})
