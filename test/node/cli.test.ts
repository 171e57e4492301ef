import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ethernet, ipv4, udp } from '../support/build.ts'
import { pcap } from '../support/capture-files.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = join(ROOT, 'dist/node/cli.js')
const DEMO = join(ROOT, 'fixtures/demo/input.pcapng')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtnvis-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function rtnvis(args: string[], input?: Uint8Array): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8', input: input as never, timeout: 60_000 })
}

/** Relative path -> digest of every file below a folder. */
function digests(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(path.length), createHash('sha256').update(readFileSync(file)).digest('hex')]),
  )
}

/** One line, no stack. */
function expectOneLine(stderr: string): void {
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/^rtnvis: /)
}

describe('rtnvis analyze', () => {
  test('writes the whole report, and says so on stderr only', () => {
    const run = rtnvis(['analyze', DEMO, '-o', 'whole'])
    expect(run.status).toBe(0)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain(`Open ${join('whole', 'index.html')}`)
    expect(readdirSync(join(folder, 'whole')).sort()).toEqual(['assets', 'index.html', 'report.html', 'report.md', 'traffic.sqlite'])
    expect(statSync(join(folder, 'whole')).mode & 0o777).toBe(0o777 & ~process.umask())
  })

  test('gives the same bytes for the same input', () => {
    expect(rtnvis(['analyze', DEMO, '-q', '-o', 'once']).status).toBe(0)
    expect(rtnvis(['analyze', DEMO, '-q', '-o', 'twice']).status).toBe(0)
    const once = digests(join(folder, 'once'))
    expect(Object.keys(once).length).toBeGreaterThan(6)
    expect(digests(join(folder, 'twice'))).toEqual(once)
  })

  test('goes to output/<name>/ by default, and lists the reports there', () => {
    expect(rtnvis(['analyze', DEMO, '-q', '--name', 'a/b <i>']).status).toBe(0)
    const reports = readdirSync(join(folder, 'output')).sort()
    expect(reports).toEqual(['a-b -i-', 'index.html'])
    const index = readFileSync(join(folder, 'output/index.html'), 'utf8')
    expect(index).toContain('a/b &lt;i&gt;')
    expect(index).toContain('href="./a-b%20-i-/')
  })

  test('--json is one document on stdout; capinfos counts the same', () => {
    const run = rtnvis(['analyze', DEMO, '--no-site', '-q', '--json', '-o', 'json'])
    const report = JSON.parse(run.stdout) as Record<string, number> & { captures: { sha256: string }[] }
    const capinfos = spawnSync('capinfos', ['-TMcdH', DEMO], { encoding: 'utf8' })
    expect(capinfos.status, 'capinfos (tshark package) is needed: run npm run test:setup').toBe(0)
    const [, row] = capinfos.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(row).toContain(String(report.packets))
    expect(row).toContain(String(report.bytes))
    expect(row).toContain(report.captures[0].sha256)
    expect(run.stderr).toBe('')
    expect(readdirSync(join(folder, 'json'))).toEqual(['traffic.sqlite'])
  })

  test('- reads standard input, compressed or not, with the same result', () => {
    const bytes = readFileSync(DEMO)
    const gz = join(ROOT, 'fixtures/format-gzip')
    const file = readdirSync(gz).find((name) => name.startsWith('input'))!
    expect(rtnvis(['analyze', '-', '-q', '--no-site', '-o', 'stdin'], bytes).status).toBe(0)
    expect(rtnvis(['analyze', DEMO, '-q', '--no-site', '-o', 'file']).status).toBe(0)
    const facts = 'select sha256, packets, bytes, first_us, last_us, ended_by from captures'
    expect(sqlite3(join(folder, 'stdin/traffic.sqlite'), facts)).toBe(sqlite3(join(folder, 'file/traffic.sqlite'), facts))
    const packed = readFileSync(join(gz, file))
    expect(rtnvis(['analyze', '-', '-q', '--no-site', '-o', 'gz'], packed).status).toBe(0)
    expect(rtnvis(['analyze', '-', '-q', '--no-site', '-o', 'plain'], gunzipSync(packed)).status).toBe(0)
    const counts = 'select packets, bytes, first_us, last_us from captures; select count(*) from flows'
    expect(sqlite3(join(folder, 'gz/traffic.sqlite'), counts)).toBe(sqlite3(join(folder, 'plain/traffic.sqlite'), counts))
  })

  test('a file larger than the ring it is read through: every packet, and the digest of every byte', () => {
    const payload = new Uint8Array(60_000)
    const packet = ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(4000, 53, payload)))
    const bytes = pcap(Array.from({ length: 500 }, (_, second) => ({ atUs: second * 1e6, bytes: packet })))
    expect(bytes.length).toBeGreaterThan(24 << 20)
    writeFileSync(join(folder, 'large.pcap'), bytes)
    expect(rtnvis(['analyze', 'large.pcap', '-q', '--no-site', '-o', 'large']).status).toBe(0)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const facts = sqlite3(join(folder, 'large/traffic.sqlite'), 'select sha256, packets, bytes, ended_by from captures')
    expect(facts).toBe(`${digest}|500|${500 * packet.length}|end of file\n`)
    // Broken in the middle: read no further, but still told by its digest.
    bytes.set([0xff, 0xff, 0xff, 0x7f], 24 + 250 * (16 + packet.length) + 8)
    writeFileSync(join(folder, 'broken.pcap'), bytes)
    expect(rtnvis(['analyze', 'broken.pcap', '-q', '--no-site', '-o', 'broken']).status).toBe(0)
    const broken = createHash('sha256').update(bytes).digest('hex')
    expect(sqlite3(join(folder, 'broken/traffic.sqlite'), 'select sha256, packets from captures')).toBe(`${broken}|250\n`)
  })

  test('several files become one report, merged by time', () => {
    const packet = (second: number, port: number) => ({ atUs: second * 1e6, bytes: ethernet(ipv4('10.0.0.1', '192.0.2.9', udp(port, 53))) })
    writeFileSync(join(folder, 'odd.pcap'), pcap([packet(1, 1001), packet(3, 1003), packet(5, 1005)]))
    writeFileSync(join(folder, 'even.pcap'), pcap([packet(2, 1002), packet(4, 1004)], { order: 'big', resolution: 'nano' }))
    expect(rtnvis(['analyze', 'odd.pcap', 'even.pcap', '-q', '--no-site', '-o', 'merged']).status).toBe(0)
    const database = join(folder, 'merged/traffic.sqlite')
    expect(sqlite3(database, 'select file, packets from captures order by id')).toBe('odd.pcap|3\neven.pcap|2\n')
    expect(sqlite3(database, 'select at_us / 1000000, client_port from packets join flows on flows.id = flow_id order by packets.id')).toBe(
      '1|1001\n2|1002\n3|1003\n4|1004\n5|1005\n',
    )
  })

  test.each([
    ['7', '7'],
    ['none', '0'],
    ['all', '18325'],
  ])('--max-packets %s keeps rows, flows count all', (option, kept) => {
    expect(rtnvis(['analyze', DEMO, '-q', '--no-site', '--max-packets', option, '-o', 'rows']).status).toBe(0)
    const database = join(folder, 'rows/traffic.sqlite')
    const ip = sqlite3(database, 'select ip_packets from captures').trim()
    expect(sqlite3(database, 'select count(*) from packets').trim()).toBe(option === 'all' ? ip : kept)
    expect(sqlite3(database, 'select sum(client_packets + server_packets) from flows').trim()).toBe(ip)
  })

  test('--single-file is one page with everything in it', () => {
    expect(rtnvis(['analyze', DEMO, '-q', '--single-file', '-o', 'single']).status).toBe(0)
    expect(readdirSync(join(folder, 'single')).sort()).toEqual(['index.html', 'report.html', 'report.md', 'traffic.sqlite'])
  })

  test('--origin by coordinates, by name, and none that exists', () => {
    expect(rtnvis(['analyze', DEMO, '-q', '--no-site', '--origin', '52.5,13.4', '-o', 'berlin']).status).toBe(0)
    const origin = "select latitude_deg, longitude_deg from places where precision = 'origin'"
    expect(sqlite3(join(folder, 'berlin/traffic.sqlite'), origin)).toBe('52.5|13.4\n')
    const wrong = rtnvis(['analyze', DEMO, '--origin', 'Berlinn', '-o', 'nowhere'])
    expect(wrong.status).toBe(2)
    expectOneLine(wrong.stderr)
    expect(wrong.stderr).toContain('Berlin')
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })
})

describe('unusable input gives one line, and leaves no files', () => {
  const cases: { name: string; make: () => string; says: RegExp }[] = [
    { name: 'no such file', make: () => 'missing.pcap', says: /missing\.pcap: no such file/ },
    { name: 'a folder without captures', make: bare, says: /bare contains no pcap or pcapng captures \(1 other file: notes\.txt\)/ },
    { name: 'an empty file', make: () => made('empty.pcap', ''), says: /empty\.pcap is empty \(0 bytes\)/ },
    { name: 'a text', make: () => made('text.pcap', 'hello, this is no capture at all'), says: /byte 0/ },
    { name: 'a header cut off', make: () => made('cut.pcap', pcap([]).slice(0, 20)), says: /ends at byte 20/ },
  ]
  function made(name: string, content: string | Uint8Array): string {
    writeFileSync(join(folder, name), content)
    return name
  }
  function bare(): string {
    mkdirSync(join(folder, 'bare'))
    writeFileSync(join(folder, 'bare', 'notes.txt'), 'no capture')
    return 'bare'
  }
  test.each(cases)('$name', ({ make, says }) => {
    const run = rtnvis(['analyze', make(), '-o', 'unusable'])
    expect(run.status).toBe(1)
    expectOneLine(run.stderr)
    expect(run.stderr).toMatch(says)
    expect(readdirSync(folder).filter((name) => name.includes('unusable'))).toEqual([])
  })

  test('a geolocation database that is not there, before anything is read', () => {
    const run = rtnvis(['analyze', '-', '--geoip', 'missing.mmdb', '-o', 'unusable'], readFileSync(DEMO))
    expect(run.status).toBe(2)
    expectOneLine(run.stderr)
    expect(run.stderr).toContain('missing.mmdb')
    expect(readdirSync(folder).filter((name) => name.includes('unusable'))).toEqual([])
  })

  test.skipIf(process.getuid?.() === 0)('a file without permission (needs a user other than root)', () => {
    chmodSync(made('secret.pcap', pcap([])), 0)
    expect(rtnvis(['analyze', 'secret.pcap']).stderr).toMatch(/no permission/)
  })

  test.each([
    [['analyze', DEMO, '--rules', 'folder'], 'rtnvis: --rules folder: it is a folder: name a file\n'],
    [['analyze', DEMO, '--baseline', 'folder'], 'rtnvis: --baseline folder/traffic.sqlite: no such file: check the name and the folder\n'],
    [['analyze', DEMO, '--name', ' '], "error: option '--name <text>' argument ' ' is invalid. It must not be empty.\n"],
    [['live', '--port', '9000'], 'rtnvis: --port is an option of --serve: give that, too\n'],
    [['live', '--allow-host', 'pc.example'], 'rtnvis: --allow-host is an option of --serve: give that, too\n'],
  ])('%j says what is wrong', (args, line) => {
    mkdirSync(join(folder, 'folder'), { recursive: true })
    const { status, stderr } = rtnvis(args)
    expect({ status, stderr }).toEqual({ status: 2, stderr: line })
  })

  test.each([[['analyze']], [['analyze', DEMO, '--max-packets', 'few']], [['analyze', DEMO, '--no-such-option']], [['no-such-command']]])(
    'wrong usage %j is exit code 2',
    (args) => {
      const run = rtnvis(args)
      expect(run.status).toBe(2)
      expect(run.stderr).toMatch(/^error: /)
    },
  )
})

describe('a checkout in which the page was not built', () => {
  const unbuilt = (args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'unbuilt/dist/node/cli.js'), ...args], { cwd: folder, encoding: 'utf8' })
  beforeAll(() => {
    for (const part of ['package.json', 'dist/node', 'dist/report'])
      cpSync(join(ROOT, part), join(folder, 'unbuilt', part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'unbuilt/node_modules'))
  })

  test.each([
    ['index.html', ['analyze', DEMO, '-o', 'no-page']],
    ['index.html', ['report', '--from', 'no-lake', '-o', 'no-page']],
    ['index.html', ['merge', 'no-report', '-o', 'no-page']],
    ['index.html', ['live', '-o', 'no-page']],
    ['analyze.html', ['site', 'no-page']],
    ['manual/getting-started.html', ['manual']],
  ])('%s is what is missing, before anything is read or written', (file, args) => {
    const run = unbuilt(args)
    expect(run.stderr).toBe(`rtnvis: ${join(folder, 'unbuilt/dist/site', file)} does not exist: npm run build creates it\n`)
    expect(run.status).toBe(1)
    expect(existsSync(join(folder, 'no-page'))).toBe(false)
  })

  test('a report without a page needs none', () => {
    expect(unbuilt(['analyze', DEMO, '--no-site', '-q', '-o', 'database-only']).status).toBe(0)
    expect(readdirSync(join(folder, 'database-only'))).toEqual(['traffic.sqlite'])
  })
})

describe('the output folder', () => {
  test('holding something else is left alone, unless forced', () => {
    mkdirSync(join(folder, 'mine'))
    writeFileSync(join(folder, 'mine/letter.txt'), 'dear')
    const run = rtnvis(['analyze', DEMO, '-q', '--no-site', '-o', 'mine'])
    expect(run.status).toBe(1)
    expectOneLine(run.stderr)
    expect(readFileSync(join(folder, 'mine/letter.txt'), 'utf8')).toBe('dear')
    expect(rtnvis(['analyze', DEMO, '-q', '--no-site', '--force', '-o', 'mine']).status).toBe(0)
    expect(readdirSync(join(folder, 'mine'))).toEqual(['traffic.sqlite'])
  })

  test('is never one that contains the capture or the current folder, even with --force', () => {
    mkdirSync(join(folder, 'evidence'))
    cpSync(DEMO, join(folder, 'evidence/only-copy.pcapng'))
    for (const args of [
      ['evidence/only-copy.pcapng', '-o', 'evidence'],
      [DEMO, '-o', '.'],
    ]) {
      const run = rtnvis(['analyze', ...args, '--force'])
      expect(run.status).toBe(1)
      expectOneLine(run.stderr)
    }
    expect(readdirSync(join(folder, 'evidence'))).toEqual(['only-copy.pcapng'])
  })

  test('kill -9 at any moment leaves the old report or the new one', async () => {
    expect(rtnvis(['analyze', DEMO, '-q', '--origin', '1,1', '-o', 'killed']).status).toBe(0)
    const old = digests(join(folder, 'killed'))
    expect(rtnvis(['analyze', DEMO, '-q', '--origin', '2,2', '-o', 'expected']).status).toBe(0)
    const fresh = digests(join(folder, 'expected'))
    for (let delayMs = 100; delayMs <= 1300; delayMs += 150) {
      cpSync(join(folder, 'killed'), join(folder, 'trial'), { recursive: true })
      const child = spawn(process.execPath, [CLI, 'analyze', DEMO, '-q', '--origin', '2,2', '-o', 'trial'], {
        cwd: folder,
        stdio: 'ignore',
      })
      const ended = new Promise((resolve) => child.on('exit', resolve))
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      child.kill('SIGKILL')
      await ended
      const left = digests(join(folder, 'trial'))
      expect([old, fresh]).toContainEqual(left)
      rmSync(join(folder, 'trial'), { recursive: true })
    }
    // The next run clears away what the killed ones left.
    expect(rtnvis(['analyze', DEMO, '-q', '--no-site', '-o', 'trial']).status).toBe(0)
    expect(readdirSync(folder).filter((name) => name.startsWith('.trial'))).toEqual([])
  })

  test('a report set aside by a run that was killed while replacing it comes back', () => {
    expect(rtnvis(['analyze', DEMO, '-q', '--no-site', '-o', 'aside']).status).toBe(0)
    cpSync(join(folder, 'aside'), join(folder, '.aside.rtnvis-old'), { recursive: true })
    rmSync(join(folder, 'aside'), { recursive: true })
    expect(rtnvis(['analyze', 'missing.pcap', '-o', 'aside']).status).toBe(1)
    expect(readdirSync(join(folder, 'aside'))).toEqual(['traffic.sqlite'])
  })
})

test('Ctrl-C writes a valid report of what was read and exits with 130', async () => {
  const child = spawn(process.execPath, [CLI, 'analyze', '-', '-q', '--no-site', '-o', 'interrupted'], { cwd: folder })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  child.stdin.write(readFileSync(DEMO))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  child.kill('SIGINT')
  child.stdin.on('error', () => {}) // it stays open: a silent pipe must not hold the report back
  expect(await ended).toBe(130)
  const database = join(folder, 'interrupted/traffic.sqlite')
  expect(sqlite3(database, 'pragma integrity_check')).toBe('ok\n')
  expect(sqlite3(database, 'select ended_by, packets > 0 from captures')).toBe('interrupted by the user|1\n')
})
