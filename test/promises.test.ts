// What the documents promise is true: the manual names every option and table, the README its pages and the two commands; versions are exact.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { RULES } from '../src/detect/rules/index.ts'
import { TABLES } from '../src/store/schema.ts'
import { readMeasured } from './evaluate/measured.ts'
import { ensureSite, SITE_DIR } from './support/browser.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

const MANUAL = 'site/src/content/manual'
const PAGES = readdirSync(join(ROOT, MANUAL))
/** As text, with the tables that the build makes of declarations. */
let manual = ''

beforeAll(async () => {
  await ensureSite()
  const html = PAGES.map((page) => readFileSync(join(SITE_DIR, 'manual', page.replace(/md$/, 'html')), 'utf8')).join('\n')
  manual = html.replaceAll(/<\/?code>/g, '`')
})

test.each([
  'analyze',
  'live',
  'watch',
  'slice',
  'export',
  'query',
  'report',
  'merge',
  'detect',
  'serve',
  'verify',
  'rules',
  'manual',
  'site',
  'interfaces',
  'keys add',
])('the manual names every option of %s', (command) => {
  const help = spawnSync(process.execPath, [join(ROOT, 'dist/node/cli.js'), ...command.split(' '), '--help'], { encoding: 'utf8' }).stdout
  const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1]).filter((option) => option !== '--help')
  expect(options).not.toEqual([])
  for (const option of options) expect(manual, option).toMatch(new RegExp(`${option}(?![a-z-])`))
})

test('the manual names every table', () => {
  const tables = [...TABLES.matchAll(/CREATE TABLE (\w+)/g)].map((match) => match[1])
  expect(tables).toHaveLength(20)
  for (const table of tables) expect(manual, table).toContain(`\`${table}\``)
})

test('the README has the two commands to start with, and leads to every page of the manual', () => {
  const readme = read('README.md')
  for (const command of ['npm ci && npm run demo', 'npm ci && npm run test:setup && npm test'])
    expect(readme).toContain(`\`\`\`sh\n${command}\n\`\`\`\n`)
  for (const page of PAGES) expect(readme, page).toContain(`](${MANUAL}/${page})`)
  expect(readme.split('\n').length).toBeLessThan(90)
})

test('the README says how many rules there are, at least', () => {
  const [, least] = /\| over (\d+) rules,/.exec(read('README.md'))!
  expect(RULES.length).toBeGreaterThan(Number(least))
})

test('all rules are measured, except those without chance find names, or need a baseline; the manual says what was measured', () => {
  const measured = readMeasured()
  expect(RULES.map(({ id }) => id).filter((id) => measured[id]?.happened === 0)).toEqual(['attack-tool', 'new-destination'])
  expect(manual).toMatch(/<td>`port-scan`<\/td>\s*<td>51<\/td>\s*<td>96\.1 %<\/td>\s*<td>100\.0 %<\/td>/)
})

test('the README shows a film: animated WebP below 3 MB, which GitHub plays as a picture', () => {
  expect(read('README.md')).toContain('](.github/demo.webp)')
  const film = readFileSync(join(ROOT, '.github/demo.webp'))
  expect(film.length).toBeLessThan(3_000_000)
  expect([film.toString('latin1', 8, 12), film.includes('ANIM')]).toEqual(['WEBP', true])
})

test('pictures of the manual are small', () => {
  const folder = join(ROOT, 'site/public/manual')
  const pictures = readdirSync(folder).filter((name) => name.endsWith('.webp'))
  expect(pictures.length).toBeGreaterThan(4)
  for (const name of pictures) expect(readFileSync(join(folder, name)).length, name).toBeLessThan(150_000)
})

test('versions are pinned exactly', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-r\.\d+)?$/)
})

test('the top level has only what is allowed', () => {
  const tracked = spawnSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).stdout.trim().split('\n')
  const top = new Set(tracked.map((file) => file.split('/')[0]))
  const allowed = ['package.json', 'tsconfig.json', 'src', 'site', 'fixtures', 'output', 'test']
  const beside = ['package-lock.json', 'README.md', 'LICENSE', 'CHANGELOG.md']
  for (const name of top) expect(name.startsWith('.') || allowed.includes(name) || beside.includes(name), name).toBe(true)
})
