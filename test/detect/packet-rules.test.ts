// The rules that merged reports cannot ask again are those whose code reads observations.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PACKET_RULES, RULES } from '../../src/detect/rules/index.ts'

const DETECT = fileURLToPath(new URL('../../src/detect', import.meta.url))
const read = (file: string) => readFileSync(`${DETECT}/${file}`, 'utf8')

/** Files of a folder that read observations. */
function readers(folder: string): string[] {
  return readdirSync(`${DETECT}/${folder}`).filter(
    (file) => file.endsWith('.ts') && /\bobservations\b(?!\.ts)/.test(read(`${folder}/${file}`)),
  )
}

test('they are named, and no others', () => {
  const methods = readers('methods').map((file) => `../methods/${file}`)
  const files = readdirSync(`${DETECT}/rules`).filter((file) => {
    if (!file.endsWith('.ts')) return false
    const text = read(`rules/${file}`)
    return readers('rules').includes(file) || methods.some((method) => text.includes(method))
  })
  const ids = files.map((file) => file.replace('.ts', '')).filter((id) => RULES.some((rule) => rule.id === id))
  expect(ids.sort()).toEqual([...PACKET_RULES])
})
