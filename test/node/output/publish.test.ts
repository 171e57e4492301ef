// Publishing: the files a report is made of, their bytes, and what a hostile name cannot do to them.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import { DataParts } from '../../../src/node/output/data-parts.ts'
import { publishSite } from '../../../src/node/output/publish.ts'
import { SAMPLE_SUMMARY } from '../../support/sample-database.ts'

const PAGE = `<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'">
<link rel="stylesheet" href="./assets/app.css"><script defer src="./assets/data/manifest.js"></script><script defer src="./assets/app.js"></script></head><body></body></html>`

let folder: string
let siteDir: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtnvis-publish-'))
  siteDir = join(folder, 'site')
  await mkdir(join(siteDir, 'assets'), { recursive: true })
  await writeFile(join(siteDir, 'index.html'), PAGE)
  await writeFile(join(siteDir, 'assets/app.js'), "'$& $1'")
  await writeFile(join(siteDir, 'assets/editor.js'), 'late')
  await writeFile(join(siteDir, 'assets/app.css'), 'body{color:red}')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Bytes that do not compress away, the same every time. */
function makeBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 1
  for (let index = 0; index < length; index++) {
    state = (state * 48_271) % 2_147_483_647
    bytes[index] = state & 0x3f
  }
  return bytes
}

/** Runs a data script the way a browser would. */
function runScript(text: string): { manifest?: SiteManifest; parts: Map<number, string> } {
  const parts = new Map<number, string>()
  const scope: { rtnvisManifest?: SiteManifest; rtnvisPart: (index: number, base64: string) => void } = {
    rtnvisPart: (index, base64) => parts.set(index, base64),
  }
  new Function('scope', `with(scope){${text.replace(/^rtnvisManifest=/, 'scope.rtnvisManifest=')}}`)(scope)
  return { ...(scope.rtnvisManifest ? { manifest: scope.rtnvisManifest } : {}), parts }
}

async function readReport(outDir: string): Promise<{ manifest: SiteManifest; database: Buffer }> {
  const { manifest } = runScript(await readFile(join(outDir, 'assets/data/manifest.js'), 'utf8'))
  const inflated = []
  for (let index = 0; index < manifest!.parts; index++) {
    const { parts } = runScript(await readFile(join(outDir, `assets/data/part-${index}.js`), 'utf8'))
    inflated.push(gunzipSync(Buffer.from(parts.get(index)!, 'base64')))
  }
  return { manifest: manifest!, database: Buffer.concat(inflated) }
}

async function readTree(outDir: string): Promise<Record<string, string>> {
  const files = (await readdir(outDir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const entries = files.map(async (file) => [
    join(file.parentPath, file.name).slice(outDir.length + 1),
    createHash('sha256')
      .update(await readFile(join(file.parentPath, file.name)))
      .digest('hex'),
  ])
  return Object.fromEntries(await Promise.all(entries))
}

describe('a report folder', () => {
  it('holds the page and the whole database in parts', async () => {
    const outDir = join(folder, 'whole')
    const database = makeBytes(14_000_000)
    await publishSite({ siteDir, outDir, database, summary: SAMPLE_SUMMARY, singleFile: false })
    expect(Object.keys(await readTree(outDir)).sort()).toEqual(
      [
        ...['assets/app.css', 'assets/app.js', 'assets/data/manifest.js', 'assets/editor.js'],
        ...['assets/data/part-0.js', 'assets/data/part-1.js', 'assets/data/part-2.js', 'assets/data/part-3.js', 'index.html'],
      ].sort(),
    )
    const report = await readReport(outDir)
    expect(report.database.equals(database)).toBe(true)
    expect(report.manifest).toMatchObject({ databaseBytes: 14_000_000, parts: 4, hasReportPage: true, summary: SAMPLE_SUMMARY })
  })

  it('is the same for the same input, and keeps nothing of an earlier report', async () => {
    const database = makeBytes(100_000)
    const first = join(folder, 'first')
    const second = join(folder, 'second')
    await publishSite({ siteDir, outDir: first, database, summary: SAMPLE_SUMMARY, singleFile: false })
    await publishSite({ siteDir, outDir: second, database: makeBytes(14_000_000), summary: SAMPLE_SUMMARY, singleFile: false })
    await publishSite({ siteDir, outDir: second, database, summary: SAMPLE_SUMMARY, singleFile: false })
    expect(await readTree(second)).toEqual(await readTree(first))
  })

  it('carries a hostile name as text', async () => {
    const outDir = join(folder, 'hostile')
    const name = '</script><script>alert(1)</script>\u2028"\'\\'
    await publishSite({ siteDir, outDir, database: makeBytes(10), summary: { ...SAMPLE_SUMMARY, name }, singleFile: false })
    const script = await readFile(join(outDir, 'assets/data/manifest.js'), 'utf8')
    expect(script).not.toMatch(/<|\u2028/)
    expect((await readReport(outDir)).manifest.summary.name).toBe(name)
  })
})

it('slices begun while the file grows are those of the finished file', async () => {
  const file = makeBytes(11_000_000)
  const parts = new DataParts()
  for (const to of [3_000_000, 9_000_000, 10_000_000]) parts.addFinal(file, 5000, to)
  file.set([1, 2, 3, 4], 0) // the front is written last
  file.fill(7, 10_000_000)
  const slices: string[] = []
  for await (const slice of parts.finish(file)) slices.push(slice)
  expect(Buffer.concat(slices.map((base64) => gunzipSync(Buffer.from(base64, 'base64')))).equals(file)).toBe(true)
})

describe('a single file', () => {
  it('holds script, styles and data, and a policy that names them by hash', async () => {
    const outDir = join(folder, 'single')
    const name = '</script><script>alert(1)</script>'
    const database = makeBytes(7_000_000)
    await publishSite({ siteDir, outDir, database, summary: { ...SAMPLE_SUMMARY, name }, singleFile: true })
    expect(Object.keys(await readTree(outDir))).toEqual(['index.html'])
    const html = await readFile(join(outDir, 'index.html'), 'utf8')
    expect(html).not.toMatch(/src="|href="\.\/assets/)
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    expect(html).toContain(`script-src ${hash("'$& $1'")} ${hash('late')} 'wasm-unsafe-eval'`)
    expect(html).toContain(`style-src ${hash('body{color:red}')}`)
    expect(html).toContain("<script>'$& $1'</script>")
    expect(html.match(/<script/g)).toHaveLength(5) // the manifest, the page's script, what it loads later as text, two parts
    expect(html).toContain('<script type="text/plain" data-path="assets/editor.js">late</script>')
    const parts = [...html.matchAll(/<script type="text\/plain" id="rtnvis-part-\d+">([^<]*)<\/script>/g)]
    expect(Buffer.concat(parts.map(([, base64]) => gunzipSync(Buffer.from(base64, 'base64')))).equals(database)).toBe(true)
  })

  it('may be longer than the longest string there is', async () => {
    let taken = 0
    class LongParts extends DataParts {
      override async *finish() {
        for (; taken < 4; taken++) yield 'A'.repeat(2 ** 27)
      }
    }
    const outDir = join(folder, 'long')
    await mkdir(outDir)
    await symlink('/dev/null', join(outDir, 'index.html')) // what is written is not what takes time here
    await publishSite({ siteDir, outDir, database: makeBytes(10), parts: new LongParts(), summary: SAMPLE_SUMMARY, singleFile: true })
    expect(taken).toBe(4)
  })

  it('is refused when the page is not the one this version was built with', async () => {
    const other = join(folder, 'other')
    await mkdir(join(other, 'assets'), { recursive: true })
    for (const file of ['index.html', 'assets/app.js', 'assets/app.css', 'assets/editor.js'])
      await writeFile(join(other, file), '<html></html>')
    const publication = { siteDir: other, outDir: join(folder, 'none'), database: makeBytes(10), summary: SAMPLE_SUMMARY, singleFile: true }
    await expect(publishSite(publication)).rejects.toThrow(/build the site again/)
  })
})

describe('the page of a report that is published after another', () => {
  const publish = (name: string, earlier: string | null) =>
    publishSite({ siteDir, outDir: join(folder, name), database: makeBytes(100), summary: SAMPLE_SUMMARY, singleFile: false, earlier })
  const page = (name: string, file: string) => readFile(join(folder, name, file), 'utf8')

  it('is the same files, and what is missing there is copied', async () => {
    await publish('shared/first', null)
    await publish('shared/second', join(folder, 'shared/first'))
    expect((await stat(join(folder, 'shared/second/assets/app.js'))).ino).toBe((await stat(join(folder, 'shared/first/assets/app.js'))).ino)
    await publish('shared/second', null) // does not write into what they share
    expect((await stat(join(folder, 'shared/first/assets/app.js'))).nlink).toBe(1)
    await rm(join(folder, 'shared/second/assets/app.css'))
    await publish('shared/third', join(folder, 'shared/second'))
    await publish('shared/fourth', join(folder, 'nowhere'))
    for (const name of ['shared/second', 'shared/third', 'shared/fourth'])
      expect([name, await page(name, 'index.html'), await page(name, 'assets/app.js')]).toEqual([name, PAGE, "'$& $1'"])
    expect(await page('shared/third', 'assets/app.css')).toBe('body{color:red}')
  })
})
