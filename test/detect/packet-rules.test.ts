// Rules read only observations that a report keeps, and say that they read some.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { KEPT_KINDS } from '../../src/detect/observe/kept.ts'
import { READ_OBSERVATIONS, RULES } from '../../src/detect/rules/index.ts'

const DETECT = fileURLToPath(new URL('../../src/detect', import.meta.url))
const read = (file: string) => readFileSync(`${DETECT}/${file}`, 'utf8')

/** Files of a folder that read observations. */
function readers(folder: string): string[] {
  return readdirSync(`${DETECT}/${folder}`).filter(
    (file) => file.endsWith('.ts') && /\bobservations\b(?!\.ts)/.test(read(`${folder}/${file}`)),
  )
}

/** Rules by their files, and what they read of observations, themselves or by a method. */
function readersOf(isRead: (kind: string) => boolean): string[] {
  const readBy = (file: string) =>
    [...read(file).matchAll(/\bobservations\.(\w+)|\{ (\w+) \} = observations/g)].some(
      ([, one, other]) => one !== 'ts' && isRead(one ?? other),
    )
  const methods = readers('methods').map((file) => `methods/${file}`)
  const files = readdirSync(`${DETECT}/rules`).filter((file) => {
    if (!file.endsWith('.ts')) return false
    const text = read(`rules/${file}`)
    return readBy(`rules/${file}`) || methods.some((method) => text.includes(`../${method}`) && readBy(method))
  })
  const ids = files.map((file) => file.replace('.ts', '')).filter((id) => RULES.some((rule) => rule.id === id))
  return ids.sort()
}

test('all that rules read is kept', () => {
  const kept = new Set<string>(KEPT_KINDS)
  expect(readersOf((kind) => !kept.has(kind))).toEqual([])
})

test('those that read observations say so', () => {
  expect(readersOf(() => true)).toEqual([...READ_OBSERVATIONS].sort())
  expect(READ_OBSERVATIONS.length).toBeGreaterThan(20)
})
