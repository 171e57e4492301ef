// The analyzer's page: the same database as the command line makes, byte for byte, with the same sentences for what is none; no request; hostile files.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {} from '../../site/src/analyzer/analysis.ts'
import { analyze } from '../../src/analyze.ts'
import type { FromAnalysis, ToAnalysis } from '../../src/browser/messages.ts'
import { DEFAULT_ORIGIN } from '../../src/geo/origin.ts'
import { reportName } from '../../src/input/report-name.ts'
import { singleFileSite } from '../../src/node/commands/site.ts'
import { loadSqlite } from '../../src/node/database/sqlite.ts'
import { openInput } from '../../src/node/input/input.ts'
import { office, writeBigCapture } from '../bench/capture.ts'
import { ensureSite, launchBrowser, SITE_DIR, serveStrictly } from '../support/browser.ts'
import { FIXTURES } from '../support/fixtures.ts'
import { makeMmdb } from '../support/mmdb.ts'

const IS_FIREFOX = process.env.TEST_BROWSER === 'firefox'
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = join(ROOT, 'dist/node/cli.js')
const run = promisify(execFile)

/** Firefox reads some of them: what differs between browsers is around the pipeline, not in it. */
const CASES = IS_FIREFOX ? FIXTURES.filter((_, i) => i % 12 === 0) : FIXTURES

let browser: Browser
let scratch: string
let version: string

beforeAll(async () => {
  await ensureSite()
  scratch = await mkdtemp(join(tmpdir(), 'rtnvis-analyzer-'))
  version = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await rm(scratch, { recursive: true, force: true })
})

interface Visit {
  page: Page
  complaints: string[]
  requests: string[]
}

async function visit(address: string, script?: () => void): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 } })
  const page = await context.newPage()
  if (script) await page.addInitScript(script)
  const seen: Visit = { page, complaints: [], requests: [] }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text())
  })
  page.on('pageerror', (error) => seen.complaints.push(String(error)))
  page.on('request', (request) => seen.requests.push(request.url()))
  await page.goto(address)
  return seen
}

const START = pathToFileURL(join(SITE_DIR, 'analyze.html')).href

/** What the page's own workers make of each file by itself: base64 of the database, or the sentence. */
function analyzeEach(page: Page, paths: string[]): Promise<string[]> {
  return page
    .evaluate(() => {
      const input = document.createElement('input')
      Object.assign(input, { type: 'file', multiple: true, id: 'captures' })
      document.body.append(input)
    })
    .then(() => page.setInputFiles('#captures', paths))
    .then(() =>
      page.evaluate(async (programVersion) => {
        const load = (name: string) =>
          new Promise((resolve) => {
            const script = document.createElement('script')
            script.src = `./analyzer/${name}.js`
            script.onload = resolve
            document.head.append(script)
          })
        await Promise.all([load('analysis'), load('digest')])
        const workerOf = (code: unknown) => new Worker(URL.createObjectURL(new Blob([`(${code})(self)`])))
        const analysis = workerOf(globalThis.rtnvisAnalysis)
        const digest = workerOf(globalThis.rtnvisDigest)
        const results: string[] = []
        for (const file of document.querySelector<HTMLInputElement>('#captures')!.files!) {
          const options = { name: null, origin: null, maxPackets: 100_000, rules: null, blocklists: [], baseline: null, geoip: [] }
          digest.onmessage = ({ data }) => analysis.postMessage({ type: 'digest', ...data } satisfies ToAnalysis)
          const result = await new Promise<Extract<FromAnalysis, { type: 'saved' | 'failed' }>>((resolve) => {
            analysis.onmessage = ({ data }: MessageEvent<FromAnalysis>) => {
              if (data.type === 'wanted') analysis.postMessage({ type: 'missing', of: data.of } satisfies ToAnalysis)
              else if (data.type === 'done') {
                digest.postMessage({ files: [file] })
                analysis.postMessage({ type: 'save', as: 'traffic.sqlite', folder: '' } satisfies ToAnalysis)
              } else if (data.type === 'saved' || data.type === 'failed') resolve(data)
            }
            analysis.postMessage({ type: 'analyze', captures: [file], folder: null, options, programVersion } satisfies ToAnalysis)
          })
          if (result.type === 'failed') results.push(result.message)
          else {
            const reader = new FileReader()
            const read = new Promise((resolve) => (reader.onload = resolve))
            reader.readAsDataURL(result.file)
            await read
            results.push((reader.result as string).split(',')[1])
          }
        }
        return results
      }, version),
    )
}

/** The same by Node, without a location database. */
async function analyzeInNode(path: string): Promise<string> {
  try {
    const source = await openInput(path, new AbortController().signal, 'beginning') // in this thread
    const database = await analyze(
      [source],
      { geoip: Promise.resolve(null), openDatabase: loadSqlite() },
      {
        reportName: reportName([basename(path)]),
        programVersion: version,
        origin: DEFAULT_ORIGIN,
        maxPackets: 100_000,
        detection: {},
        inputs: { name: null, origin: null, maxPackets: 100_000, pages: 'folder', rules: null, blocklists: [], baseline: null },
      },
    )
    return Buffer.from(database).toString('base64')
  } catch (error) {
    return (error as Error).message.replaceAll(`${dirname(path)}/`, '')
  }
}

test('every fixture, and a large capture, gives the database, or the sentence, that it gives in Node', async () => {
  const paths: string[] = []
  await mkdir(join(scratch, 'cases'))
  for (const { name, bytes } of CASES) {
    const path = join(scratch, 'cases', `${name}.pcap`)
    await writeFile(path, bytes)
    paths.push(path)
  }
  const large = join(scratch, 'cases', 'large.pcap') // is read by a worker of its own
  writeBigCapture(large, office(20_000, 1000))
  paths.push(large)
  const { page, complaints, requests } = await visit(START)
  const results = await analyzeEach(page, paths)
  const different: string[] = []
  for (const [i, path] of paths.entries())
    if (results[i] !== (await analyzeInNode(path))) different.push(`${basename(path)}: ${results[i].slice(0, 200)}`)
  expect(different).toEqual([])
  expect(complaints).toEqual([])
  expect(requests.filter((address) => !/^(file|blob|data):/.test(address))).toEqual([])
  await page.context().close()
})

async function chooseAndPlay({ page }: Visit, files: string[]): Promise<void> {
  await page.setInputFiles('#files', files)
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
}

test.each([360, 390, 640, 1000, 1280])('its buttons and the tabs lie beside one another, or below, at %i pixels', async (width) => {
  const seen = await visit(START)
  await seen.page.setViewportSize({ width, height: 720 })
  await chooseAndPlay(seen, [DEMO])
  await seen.page.waitForSelector('#save-as')
  const boxes = await Promise.all(
    ['#masthead nav', '#tabs', '#filter', ...(width > 480 ? ['.title'] : [])].map(
      async (part) => (await seen.page.locator(part).boundingBox())!,
    ),
  )
  for (const [i, one] of boxes.entries()) {
    expect(one.x >= 0 && one.x + one.width <= width && one.width > 60).toBe(true)
    for (const other of boxes.slice(i + 1)) {
      const isBeside = one.x + one.width <= other.x || other.x + other.width <= one.x
      expect(isBeside || one.y + one.height <= other.y || other.y + other.height <= one.y).toBe(true)
    }
  }
  await seen.page.context().close()
})

/** A file that the page offers. */
async function saveAs({ page }: Visit, label: string, path: string): Promise<Buffer> {
  await page.click('#save-as')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[role="menuitem"]:has-text("${label}")`)])
  await download.saveAs(path)
  return readFile(path)
}

/** Two conversations, before the captures' time, as Zeek's manual describes the fields. */
const ZEEK_CONN = [
  '#separator \\x09',
  '#path\tconn',
  '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes',
  '1000000000.5\tC1\t10.0.0.5\t40000\t10.0.0.1\t443\ttcp\tssl\t1.5\t100\t2000\tSF\t5\t300\t6\t2300',
  '1000000001.5\tC2\t10.0.0.5\t40001\t10.0.0.1\t53\tudp\tdns\t0.01\t40\t80\tSF\t1\t68\t1\t108',
  '',
].join('\n')

const BERLIN = { location: { latitude: 52.5, longitude: 13.4 }, country: { iso_code: 'DE', names: { en: 'Germany' } } }

/** Runs in the page: its workers read a file's first twelve megabytes slowly, and the others once the test lets them. */
function slowDisk(): void {
  // In every worker, and in those that workers start.
  function disk(): void {
    const { read } = ReadableStreamBYOBReader.prototype
    const { arrayBuffer } = Blob.prototype
    const held: ((value?: unknown) => void)[] = []
    const started: Worker[] = []
    let bytes = 0
    let isHeld = true
    addEventListener('message', (event) => {
      if (event.data !== 'read on') return
      event.stopImmediatePropagation() // it is for no one else
      isHeld = false
      for (const go of held) go()
      for (const worker of started) worker.postMessage('read on')
    })
    ReadableStreamBYOBReader.prototype.read = async function (this: ReadableStreamBYOBReader, view: ArrayBufferView) {
      if (bytes < 12e6)
        await new Promise((go) => setTimeout(go, 200)) // so slow that the picture is worth while
      else if (isHeld) await new Promise((go) => held.push(go))
      const result = await read.call(this, view)
      bytes += result.value?.byteLength ?? 0
      return result
    } as typeof read
    // A read that is held for seconds is done again in slices: those wait, too.
    Blob.prototype.arrayBuffer = async function () {
      if (bytes >= 12e6 && isHeld) await new Promise((go) => held.push(go))
      return arrayBuffer.call(this)
    }
    globalThis.Blob = class extends Blob {
      constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
        super(options?.type === 'text/javascript' ? [`(${disk})();`, ...parts] : parts, options)
      }
    }
    globalThis.Worker = class extends Worker {
      constructor(address: string | URL) {
        super(address)
        started.push(this)
        if (!isHeld) this.postMessage('read on')
      }
    }
  }
  const scope = globalThis as unknown as { workers: Worker[]; isReadOn: boolean }
  scope.workers = []
  globalThis.Blob = class extends Blob {
    constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
      super(typeof parts[0] === 'string' && parts[0].startsWith('(function') ? [`(${disk})();`, ...parts] : parts, options)
    }
  }
  globalThis.Worker = class extends Worker {
    constructor(address: string | URL) {
      super(address)
      scope.workers.push(this)
      if (scope.isReadOn) this.postMessage('read on')
    }
  }
}

function readOn(): void {
  const scope = globalThis as unknown as { workers: Worker[]; isReadOn: boolean }
  scope.isReadOn = true
  for (const worker of scope.workers) worker.postMessage('read on')
}

const DEMO = join(ROOT, 'fixtures/demo/input.pcapng')

describe.skipIf(IS_FIREFOX)('a user', () => {
  test('with options of all kinds gets what the command line makes', async () => {
    const at = (name: string) => join(scratch, name)
    await writeFile(at('City.mmdb'), makeMmdb({ '0.0.0.0/1': BERLIN, '128.0.0.0/1': BERLIN }, { databaseType: 'Test-City' }))
    await writeFile(at('rules.toml'), '[rules.port-scan]\noff = true\n')
    await writeFile(at('list.txt'), 'quietriver.test\n')
    const older = at('older')
    await run(process.execPath, [CLI, 'analyze', join(ROOT, 'fixtures/names-tls/input.pcap'), '--out', older, '-q', '--no-site'])
    const baseline = at('older.sqlite')
    await writeFile(baseline, await readFile(join(older, 'traffic.sqlite')))
    const args = ['--name', 'Ünder test', '--origin', '50,8', '--max-packets', 'all', '--geoip', at('City.mmdb')]
    const files = ['--rules', at('rules.toml'), '--blocklist', at('list.txt'), '--baseline', baseline]
    await run(process.execPath, [CLI, 'analyze', DEMO, ...args, ...files, '--out', at('by-cli'), '-q'])
    const seen = await visit(START)
    const { page } = seen
    await page.click('#options summary')
    await page.fill('#option-name', 'Ünder test')
    await page.fill('#option-origin', '50,8')
    await page.fill('#option-packets', 'all')
    await page.setInputFiles('#option-rules', at('rules.toml'))
    await page.setInputFiles('#option-blocklists', at('list.txt'))
    await page.setInputFiles('#option-baseline', baseline)
    await page.setInputFiles('#option-geoip', at('City.mmdb'))
    await chooseAndPlay(seen, [DEMO])
    const expected = await readFile(at('by-cli/traffic.sqlite'))
    expect((await saveAs(seen, 'traffic.sqlite', at('saved.sqlite'))).equals(expected)).toBe(true)
    expect(await saveAs(seen, 'report.md', at('saved.md'))).toEqual(await readFile(at('by-cli/report.md')))
    const zip = at('saved.zip')
    await saveAs(seen, 'as a folder', zip)
    await run('unzip', ['-q', zip, '-d', at('unzipped')])
    const { stdout } = await run(process.execPath, [
      CLI,
      'verify',
      at('unzipped/Ünder test'),
      '--capture',
      DEMO,
      '--geoip',
      at('City.mmdb'),
      '--rules',
      at('rules.toml'),
      '--blocklist',
      at('list.txt'),
      '--baseline',
      baseline,
    ])
    expect(stdout).not.toContain('differs')
    const single = at('saved.html')
    await saveAs(seen, 'one .html file', single)
    expect(seen.complaints).toEqual([])
    await page.context().close()
    for (const again of [single, at('saved.sqlite')]) {
      const reopened = await visit(START)
      await chooseAndPlay(reopened, [again])
      expect(await reopened.page.textContent('#report-name')).toBe('Ünder test')
      await reopened.page.context().close()
    }
    const alone = await visit(pathToFileURL(single).href)
    await alone.page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
    expect(alone.complaints).toEqual([])
    await alone.page.context().close()
  })

  test('with a folder gets what the command line makes of it: captures by content, whatever their names', async () => {
    const folder = join(scratch, 'monday')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'City.mmdb'), makeMmdb({ '0.0.0.0/1': BERLIN, '128.0.0.0/1': BERLIN }, { databaseType: 'Test-City' }))
    const from = (name: string, as: string) => readFile(join(ROOT, 'fixtures', name)).then((bytes) => writeFile(join(folder, as), bytes))
    await from('names-tls/input.pcap', 'second')
    await from('demo/input.pcapng', 'first.dat')
    await writeFile(join(folder, 'conn.log'), ZEEK_CONN)
    await writeFile(join(folder, 'notes.txt'), 'the tap was moved at noon')
    await writeFile(join(folder, '.hidden'), 'of the file manager')
    await run(process.execPath, [
      CLI,
      'analyze',
      folder,
      '--geoip',
      join(folder, 'City.mmdb'),
      '--out',
      join(scratch, 'monday-by-cli'),
      '-q',
    ])
    const seen = await visit(START)
    const { page } = seen
    await page.dispatchEvent('body', 'dragover') // what is prepared then does not get into the report
    await page.setInputFiles('#folder', folder)
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
    expect(await page.textContent('#report-name')).toBe('monday')
    await page.click('#analysis-notes')
    expect(await page.textContent('.small-dialog')).toContain('monday: 1 file is not a capture and was skipped (notes.txt)')
    await page.click('.small-dialog button')
    const saved = join(scratch, 'monday.sqlite')
    await saveAs(seen, 'traffic.sqlite', saved)
    expect((await readFile(saved)).equals(await readFile(join(scratch, 'monday-by-cli/traffic.sqlite')))).toBe(true)
    await page.context().close()
  })

  test('is told when the browser ends the analysis', async () => {
    // As a browser does that needs the memory: the worker is gone, and no event says so.
    const seen = await visit(START, () => {
      let code: unknown
      Object.defineProperty(globalThis, 'rtnvisAnalysis', {
        get: () => `(scope) => {
          const post = scope.postMessage.bind(scope)
          scope.postMessage = (message, transfer = []) => {
            post(message, transfer)
            if (message.type === 'lives') scope.close()
          }
          ;(${code})(scope)
        }`,
        set: (set) => (code = set),
      })
    })
    const { page } = seen
    await page.setInputFiles('#files', [DEMO])
    await page.waitForFunction(() => document.getElementById('message')?.textContent?.includes('no more memory'))
    expect(await page.isVisible('#choose-files')).toBe(true)
    await page.context().close()
  })

  describe('with a capture on a slow disk', () => {
    let capture: string
    beforeAll(async () => {
      capture = join(scratch, 'slow.pcap')
      writeBigCapture(capture, office(40_000, 2000))
      await writeFile(join(scratch, 'Slow.mmdb'), makeMmdb({ '0.0.0.0/1': BERLIN, '128.0.0.0/1': BERLIN }, { databaseType: 'Test-City' }))
    })

    async function read(): Promise<Visit> {
      const seen = await visit(START, slowDisk)
      await seen.page.setInputFiles('#files', [join(scratch, 'Slow.mmdb'), capture])
      await seen.page.waitForFunction(() => document.getElementById('live')?.textContent === 'Reading')
      return seen
    }

    test('sees the picture grow while it is read, and then gets what the command line makes', async () => {
      const seen = await read()
      const { page } = seen
      await page.waitForFunction(() => window.rtnvis.arcs.some((arc) => arc.startsWith('Nairobi, Kenya → Germany')))
      expect(await page.getAttribute('#whole', 'aria-pressed')).toBe('true')
      expect(await page.textContent('#reading-text')).toMatch(/^[\d.]+ MB of 28.2 MB · [\d,]+ packets · .+\/s · \d+ s left$/)
      await page.evaluate(readOn)
      await page.waitForSelector('#save-as')
      await page.waitForFunction(() => !document.getElementById('live'))
      expect(await page.evaluate(() => window.rtnvis.positionUs)).toBe(0)
      await run(process.execPath, [CLI, 'analyze', capture, '--geoip', join(scratch, 'Slow.mmdb'), '--out', join(scratch, 'slow'), '-q'])
      const saved = await saveAs(seen, 'traffic.sqlite', join(scratch, 'slow.sqlite'))
      expect(saved.equals(await readFile(join(scratch, 'slow/traffic.sqlite')))).toBe(true)
      expect(seen.complaints).toEqual([])
      await page.context().close()
    })

    test('stops the reading, and has a report of what was read', async () => {
      const seen = await read()
      await seen.page.click('#cancel')
      await seen.page.evaluate(readOn)
      await seen.page.click('#analysis-notes')
      expect(await seen.page.textContent('.small-dialog')).toContain('The reading was stopped')
      await seen.page.click('.small-dialog button')
      const saved = join(scratch, 'stopped.sqlite')
      await saveAs(seen, 'traffic.sqlite', saved)
      const { stdout } = await run('sqlite3', [saved, 'SELECT packets BETWEEN 1 AND 39999, ended_by FROM captures'])
      expect(stdout.trim()).toBe('1|interrupted by the user')
      await seen.page.context().close()
    })

    test('that is written to while it is read is told so over the picture', async () => {
      const seen = await read()
      await writeFile(capture, 'something else')
      await seen.page.evaluate(readOn)
      await seen.page.waitForFunction(() => document.documentElement.dataset.state === 'error')
      expect(await seen.page.textContent('#notice')).toMatch(/The capture could not be read.*slow\.pcap: .*(changed|became shorter)/s)
      expect(await seen.page.isVisible('#another-capture')).toBe(true)
      await seen.page.context().close()
    })
  })

  describe('of the folder for hosting', () => {
    const folder = () => join(scratch, 'site')
    let server: Awaited<ReturnType<typeof serveStrictly>>

    beforeAll(async () => {
      await run(process.execPath, [CLI, 'site', folder()])
      server = await serveStrictly(folder())
    })

    afterAll(() => server.close())

    test('gets the bundled places, under a strict policy', async () => {
      const seen = await visit(server.address)
      await seen.page.click('#options summary')
      await seen.page.fill('#option-origin', 'Genf')
      await chooseAndPlay(seen, [DEMO])
      const out = join(scratch, 'genf')
      await run(process.execPath, [CLI, 'analyze', DEMO, '--origin', 'Genf', '--out', out, '-q'])
      const saved = await saveAs(seen, 'traffic.sqlite', join(scratch, 'genf.sqlite'))
      expect(saved.equals(await readFile(join(out, 'traffic.sqlite')))).toBe(true)
      expect(Number((await seen.page.textContent('#sidebar'))?.match(/(\d+) of 91 public hosts located/)?.[1])).toBeGreaterThan(80)
      expect(seen.complaints).toEqual([])
      const home = new URL('/', server.address).href
      expect(seen.requests.filter((address) => !address.startsWith(home) && !/^(blob|data):/.test(address))).toEqual([])
      await seen.page.context().close()
    })

    test('keeps reports in the browser if wanted, under names that are text', async () => {
      const seen = await visit(server.address)
      expect(await seen.page.locator('#recent-reports li').count()).toBe(0)
      await seen.page.setViewportSize({ width: 360, height: 740 })
      const besideItsText = () => {
        const box = document.getElementById('keep-reports')!
        const text = document.createRange()
        text.selectNodeContents(box.parentElement!.lastChild!)
        return text.getBoundingClientRect().left >= box.getBoundingClientRect().right
      }
      expect(await seen.page.evaluate(besideItsText)).toBe(true)
      await seen.page.check('#keep-reports')
      await seen.page.click('#options summary')
      await seen.page.fill('#option-name', '<b>Kept</b>')
      await chooseAndPlay(seen, [DEMO])
      const kept = () => seen.page.locator('#recent-reports li .button:not(.icon)')
      await seen.page.waitForFunction(() => document.getElementById('status')!.textContent!.includes('The report is kept in this browser.'))
      // One whose page was closed while it was written.
      await seen.page.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('reports')
        await folder.getFileHandle('9999999999999-half.sqlite', { create: true })
      })
      await seen.page.goto(server.address)
      await seen.page.waitForSelector('#recent')
      expect(await kept().allTextContents()).toEqual(['-b-Kept--b-'])
      await kept().click()
      await seen.page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
      expect(await seen.page.textContent('#report-name')).toBe('<b>Kept</b>')
      await seen.page.goto(server.address)
      await seen.page.click('#forget-reports')
      await expect.poll(() => kept().count()).toBe(0)
      expect(seen.complaints).toEqual([])
      await seen.page.context().close()
    })

    test('has it without its server, too', async () => {
      const { page } = await visit(server.address)
      await page.evaluate(async () => (await navigator.serviceWorker.ready).active)
      // The first visit's page was loaded without the worker.
      await page.goto(server.address)
      await server.close()
      await page.goto(server.address)
      await page.click('#try-demo')
      await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
      await page.context().close()
    })
  })

  test('of the single file gets everything but places and manual', async () => {
    const file = join(scratch, 'rtnvis.html')
    await writeFile(file, await singleFileSite(SITE_DIR))
    const seen = await visit(pathToFileURL(file).href)
    await seen.page.click('#try-demo')
    await seen.page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
    await saveAs(seen, 'one .html file', join(scratch, 'of-single.html'))
    expect(await readFile(join(scratch, 'of-single.html'), 'utf8')).toContain('rtnvis-part-0')
    expect(seen.complaints).toEqual([])
    expect(seen.requests.filter((address) => !/^(blob|data):/.test(address))).toEqual([pathToFileURL(file).href])
    await seen.page.context().close()
  })

  test('with files that are none gets one sentence and may go on', async () => {
    const empty = join(scratch, 'empty.pcap')
    await writeFile(empty, '')
    const { page, complaints } = await visit(START)
    await page.setInputFiles('#files', empty)
    await page.waitForFunction(() => !document.getElementById('message')!.hidden)
    expect(await page.textContent('#message')).toMatch(/^empty\.pcap.*empty/)
    await page.click('#try-demo')
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('is told what can only be used one by one, and what is used no more', async () => {
    const at = (name: string) => join(scratch, name)
    await writeFile(at('wrong.toml'), '[[[')
    await writeFile(at('more.toml'), '')
    await writeFile(at('page.html'), '<p>notes</p>')
    await writeFile(at('\u202egpj.pcap'), 'no')
    const { page } = await visit(START)
    const tell = async (...files: string[]) => {
      await page.evaluate(() => (document.getElementById('message')!.textContent = ''))
      await page.setInputFiles('#files', files)
      await page.waitForFunction(() => document.getElementById('message')!.textContent !== '')
      return page.textContent('#message')
    }
    expect(await tell(DEMO, at('page.html'))).toBe('A report is opened by itself: drop page.html or captures.')
    expect(await tell(at('page.html'), at('page.html'))).toBe('There are 2 reports: drop one of them.')
    expect(await tell(DEMO, at('wrong.toml'), at('more.toml'))).toMatch(/^There are 2 files of rules/)
    expect(await tell(at('\u202egpj.pcap'))).toMatch(/^\[U\+202E\]gpj\.pcap is not a capture/)
    expect(await tell(DEMO, at('wrong.toml'))).toMatch(/^wrong\.toml, line 1: .*\. The next capture is read without wrong\.toml/)
    await page.setInputFiles('#files', [DEMO])
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
    await page.context().close()
  })

  test('of a folder with pages and settings gets its captures, whatever their names', async () => {
    const folder = join(scratch, 'tuesday')
    await mkdir(folder)
    await writeFile(join(folder, 'first.dat'), await readFile(DEMO))
    await writeFile(join(folder, 'notes.html'), '<p>notes</p>')
    await writeFile(join(folder, 'pyproject.toml'), '[project]')
    const { page } = await visit(START)
    await page.setInputFiles('#folder', folder)
    await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
    await page.click('#analysis-notes')
    expect(await page.textContent('.small-dialog')).toContain('2 files are not captures and were skipped (notes.html, pyproject.toml)')
    expect(await page.textContent('#report-name')).toBe('tuesday')
    await page.context().close()
  })

  test('who drops a file on a report is told where to drop it, and text may be dropped in a field', async () => {
    const seen = await visit(START)
    await chooseAndPlay(seen, [DEMO])
    const isTaken = (what: 'file' | 'text') =>
      seen.page.evaluate((what) => {
        const dataTransfer = new DataTransfer()
        if (what === 'file') dataTransfer.items.add(new File(['x'], 'other.pcap'))
        else dataTransfer.items.add('port:443', 'text/plain')
        return !document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
      }, what)
    expect(await isTaken('text')).toBe(false)
    expect(await isTaken('file')).toBe(true)
    expect(await seen.page.textContent('#toasts')).toContain('Press Another capture first')
    await seen.page.context().close()
  })

  test('reports a file that changes after it was chosen', async () => {
    const changing = join(scratch, 'changing.pcap')
    await writeFile(changing, await readFile(DEMO))
    const { page } = await visit(START)
    await page.evaluate(() =>
      document
        .getElementById('files')!
        .addEventListener('change', (event) => event.stopImmediatePropagation(), { capture: true, once: true }),
    )
    await page.setInputFiles('#files', changing)
    await writeFile(changing, 'something else')
    await page.evaluate(() => document.getElementById('files')!.dispatchEvent(new Event('change')))
    await page.waitForFunction(() => !document.getElementById('message')!.hidden)
    expect(await page.textContent('#message')).toMatch(/^changing\.pcap: .*(changed|shorter)/)
    await page.context().close()
  })
})
