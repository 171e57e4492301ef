// The output folder: one writer at a time, the old report or the new one, links and odd names, and what killed runs leave.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { takesControls } from '../../../src/node/commands/terminal.ts'
import { OutputFolder } from '../../../src/node/output/output-folder.ts'
import { folderName } from '../../../src/node/output/report-list.ts'
import { restoreReports } from '../../../src/node/output/restore-report.ts'
import { APPLICATION_ID } from '../../../src/store/schema.ts'
import { buildChild, CLI, DEMO, digests, kill, leftovers, numberOf, startChild } from '../../faults/support.ts'

let base: string
let child: string
let folder: string
let trial = 0
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'rtnvis-output-'))
  child = await buildChild(base)
})
beforeEach(() => {
  folder = join(base, `trial-${++trial}`)
  mkdirSync(folder)
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Files that pass for a report, each with the same text in it. */
function fill(path: string, text: string, names = ['index.html', 'report.html', 'report.md', 'traffic.sqlite', 'assets']): void {
  mkdirSync(path, { recursive: true })
  const database = Buffer.alloc(100 + text.length)
  database.writeUInt32BE(APPLICATION_ID, 68)
  database.write(text, 100)
  for (const name of names) {
    if (name === 'traffic.sqlite') writeFileSync(join(path, name), database)
    else if (name === 'assets') {
      mkdirSync(join(path, 'assets/data'), { recursive: true })
      for (const script of ['app.js', 'data/manifest.js']) writeFileSync(join(path, 'assets', script), text)
    } else writeFileSync(join(path, name), text)
  }
}

async function publish(path: string, text: string): Promise<void> {
  const output = await OutputFolder.open(path, false, [])
  fill(output.draft, text)
  await output.publish()
  await output.close()
}

describe('one writer at a time', () => {
  test('the second one reports who writes and changes nothing; a killed one does not block others, and its draft is removed', async () => {
    const target = join(folder, 'report')
    fill(target, 'old')
    const holder = await startChild([process.execPath, child, 'hold', target])
    const who = new RegExp(`^${target}: another rtnvis is writing this report \\(pid ${holder.pid} on ${hostname()}, since 20.* UTC\\)`)
    await expect(OutputFolder.open(target, true, [])).rejects.toThrow(who)
    await expect(OutputFolder.check(target, true, [])).rejects.toThrow(who)
    expect(leftovers(target).filter((name) => name.includes('draft'))).toHaveLength(1)
    await kill(holder)
    await publish(target, 'new')
    expect(numberOf(target)).toBe('new')
    expect(leftovers(target)).toEqual([])
  })

  test('a run in another PID namespace is seen, dead or alive', async () => {
    const target = join(folder, 'report')
    const apart = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
    const holder = await startChild([...apart, process.execPath, child, 'hold', target])
    await expect(OutputFolder.open(target, false, [])).rejects.toThrow(/another rtnvis is writing this report/)
    await kill(holder)
    await publish(target, 'new')
    expect(leftovers(target)).toEqual([])
  })

  test('in a folder shared by hosts with separate kernels, the age of the lock decides', async () => {
    const target = join(folder, 'report')
    const lock = join(folder, '.report.rtnvis-lock')
    const holder = { pid: 7, host: 'other\x1bhost', since: '2026-01-02T03:04:05.000Z', boot: 'another machine', token: 'x' }
    writeFileSync(lock, JSON.stringify(holder))
    await expect(OutputFolder.open(target, false, [])).rejects.toThrow(/pid 7 on other.host, since 2026-01-02 03:04:05 UTC/)
    const silent = Date.now() / 1000 - 120
    utimesSync(lock, silent, silent)
    await publish(target, 'new')
    expect(readdirSync(folder)).toEqual(['report'])
  })

  test('drafts of killed runs are removed, even if another process has their pid now', async () => {
    const target = join(folder, 'report')
    for (const pid of [1, process.pid]) fill(join(folder, `.report.rtnvis-draft-${pid}`), 'draft')
    fill(join(folder, '.reports.rtnvis-draft-1'), 'of another report')
    await publish(target, 'new')
    expect(readdirSync(folder).sort()).toEqual(['.reports.rtnvis-draft-1', 'report'])
  })
})

describe('what a kill left half done', () => {
  test('a report that was set aside is restored when it or its folder is read', async () => {
    for (const asked of [join(folder, 'report'), folder]) {
      fill(join(folder, '.report.rtnvis-old'), 'old')
      await restoreReports(asked)
      expect(numberOf(join(folder, 'report'))).toBe('old')
      rmSync(join(folder, 'report'), { recursive: true })
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('but not while another run is at it', async () => {
    const target = join(folder, 'report')
    const holder = await startChild([process.execPath, child, 'hold', target])
    fill(join(folder, '.report.rtnvis-old'), 'old')
    await restoreReports(target)
    expect(existsSync(target)).toBe(false)
    await kill(holder)
  })

  const all = ['index.html', 'report.html', 'report.md', 'traffic.sqlite', 'assets']
  test.each([
    ...all.map((_, taken) => ({
      step: `${taken} of 5 taken away`,
      hidden: 'new',
      old: all.slice(taken),
      fresh: all,
      aside: all.slice(0, taken),
    })),
    ...all.map((_, put) => ({ step: `${put} of 5 put there`, hidden: 'moving', old: [], fresh: all.slice(0, 5 - put), aside: all })),
  ])('a swap within a folder that cannot be moved is ended: $step', async ({ hidden, old, fresh, aside }) => {
    fill(folder, 'old', old)
    fill(join(folder, `.rtnvis-${hidden}`), 'new', fresh)
    fill(join(folder, '.rtnvis-old'), 'old', aside)
    if (hidden === 'moving')
      fill(
        folder,
        'new',
        all.filter((name) => !fresh.includes(name)),
      )
    await restoreReports(folder)
    expect(numberOf(folder)).toBe('new')
    expect(readdirSync(folder).sort()).toEqual([...all].sort())
  })
})

describe('odd paths', () => {
  test.each([
    ['to an empty folder', 'empty'],
    ['to nothing', 'missing'],
    ['to a report', 'report'],
  ])('a link %s stays a link', async (_, name) => {
    if (name === 'empty') mkdirSync(join(folder, name))
    if (name === 'report') fill(join(folder, name), 'old')
    symlinkSync(name, join(folder, 'link'))
    await publish(join(folder, 'link'), 'new')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(numberOf(join(folder, name))).toBe('new')
    expect(readdirSync(folder).sort()).toEqual(['link', name].sort())
  })

  test.each([['x'.repeat(255)], ['漢'.repeat(85)], ['..cap'], ['.hidden'], ['trailing. '], ['CON'], ['a\nb\x1b']])(
    'the name %j, twice',
    async (name) => {
      const target = join(folder, name)
      await publish(target, 'old')
      await publish(target, 'new')
      expect(numberOf(target)).toBe('new')
      expect(readdirSync(folder)).toEqual([name])
    },
  )

  test.each([
    ['', UsageError, /-o: the name of the folder is empty/],
    ['y'.repeat(256), Error, /the name is longer than the file system allows/],
    ['file', Error, /is a file/],
    ['file/report', Error, /a part of this path is a file/],
    ['circle', Error, /links lead in a circle/],
    ['/proc/report', Error, /cannot be created|no permission/],
  ])('%j is refused in words', async (name, kind, words) => {
    writeFileSync(join(folder, 'file'), '')
    symlinkSync('circle', join(folder, 'circle'))
    const opening = OutputFolder.open(name === '' || name.startsWith('/') ? name : join(folder, name), false, [])
    const error = (await opening.catch((reason) => reason)) as Error
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(words)
    expect(error.message).not.toMatch(/E[A-Z]{4,}:/)
    expect(readdirSync(folder).sort()).toEqual(['circle', 'file'])
  })

  test('folders made for a report that was not written are gone again', async () => {
    const output = await OutputFolder.open(join(folder, 'a/b/report'), false, [])
    await output.close()
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    ['.hidden', 'hidden'],
    ['. .', 'report'],
    ['end. ', 'end'],
    ['con', 'con-report'],
    ['LPT1.pcap', 'LPT1.pcap-report'],
    ['con5ole', 'con5ole'],
    ['a/b:c', 'a-b-c'],
    ['\x1b[31mred', 'x1b[31mred'],
    ['<b>bold', 'b-bold'],
  ])('a title %j becomes the folder %j', (title, name) => expect(folderName(title)).toBe(name))

  test('long titles become names that fit, and stay different', () => {
    const names = ['a', 'b'].map((end) => folderName('漢'.repeat(100) + end))
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
  })
})

describe('rtnvis analyze, where writing or reading fails', () => {
  /** As root of a user namespace, on a disk of its own. */
  function onDisk(options: string, script: string) {
    mkdirSync(join(folder, 'disk'))
    const lines = `set -e; mount -t tmpfs -o ${options} tmpfs "$1/disk"; cd "$1"; ${script}`
    return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', lines, 'sh', folder, process.execPath, CLI, DEMO], {
      encoding: 'utf8',
    })
  }

  test('a mount point is written into, and nothing is left but the report', () => {
    const run = onDisk('size=64m', '"$2" "$3" analyze "$4" -q -o disk; "$2" "$3" analyze "$4" -q -o disk; ls -A disk')
    expect(run.stderr).toBe('')
    expect(run.stdout.trim().split('\n').sort()).toEqual(['assets', 'index.html', 'report.html', 'report.md', 'traffic.sqlite'])
  })

  test('a full disk: how much was needed and how much is free; the old report stays, and nothing else', () => {
    const run = onDisk(
      'size=3m',
      '"$2" "$3" analyze "$4" -q --no-site -o disk/r; "$2" "$3" analyze "$4" -q -o disk/r || echo $?; ls -A disk disk/r',
    )
    expect(run.stdout).toBe('1\ndisk:\nr\n\ndisk/r:\ntraffic.sqlite\n')
    expect(run.stderr).toMatch(/^rtnvis: disk\/r: no space left on .*\/disk: about \d.* MB needed, \d.* [kM]B free; free some.*\n$/)
  })

  const EVERYTHING: [string, string][] = [
    ['analyze', '"$4" -q --no-site -o disk/x'],
    ['merge', 'report -q --no-site -o disk/x'],
    ['export', 'report -q --to csv -o disk/x'],
    ['watch', 'captures --once -q -o disk/x'],
    ['site', 'disk/x'],
    ['site', '--single-file disk/x'],
  ]
  function makeReport(): void {
    mkdirSync(join(folder, 'captures'))
    expect(spawnSync(process.execPath, [CLI, 'analyze', DEMO, '-q', '--no-site', '-o', join(folder, 'report')]).status).toBe(0)
  }

  test('the same for a merged report, whose database is in its file', () => {
    makeReport()
    const run = onDisk('size=3m', '"$2" "$3" merge report -q -o disk/r || echo $?; ls -A disk')
    expect(run.stdout).toBe('1\n')
    expect(run.stderr).toMatch(/^rtnvis: disk\/r: no space left on .*\/disk: about \d.* MB needed, \d.* [kM]B free; free some.*\n$/)
  })

  test.each(EVERYTHING)('%s %s on a disk without a byte to spare: one line, and nothing is left', (command, args) => {
    makeReport()
    const run = onDisk('size=40k', `head -c 1m /dev/zero 2>&- >disk/full || :; "$2" "$3" ${command} ${args} || echo $?; ls -A disk`)
    if (command !== 'watch') expect(run.stdout).toBe('1\nfull\n')
    expect(run.stderr).toMatch(/^rtnvis: disk\/x.*: no space left on \S*disk\S*: 0 B free; free some.*\n$/)
  })

  test.each(EVERYTHING)('%s %s where nobody may write: one line that names the folder', (command, args) => {
    makeReport()
    mkdirSync(join(folder, 'disk'))
    chmodSync(join(folder, 'disk'), 0o555)
    for (const path of [base, folder]) chmodSync(path, 0o755)
    const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const script = `"$1" "$2" ${command} ${args}`
    const run = spawnSync('sh', ['-c', script, 'sh', process.execPath, CLI, '', DEMO], { encoding: 'utf8', cwd: folder, ...other })
    expect(run.stderr).toMatch(/^rtnvis: disk\/x: no permission to write to \S*disk\S*: .*\n$/)
    expect([run.status, readdirSync(join(folder, 'disk'))]).toEqual([1, []])
  })

  /** Reads fail as on a bad disk: of small files the second one, of large ones all from 5 MiB on. */
  const BAD_DISK = `
    import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    const fail = () => { throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }) };
    const { readSync } = fs;
    fs.readSync = (...read) => read[4] >= 5 << 20 ? fail() : readSync(...read);
    syncBuiltinESMExports();
    const file = await fs.promises.open(process.execPath);
    const handle = Object.getPrototypeOf(file);
    await file.close();
    const { read } = handle;
    let large = 0;
    handle.read = async function (buffer, ...rest) { return buffer?.length === 256 << 10 && ++large > 1 ? fail() : read.call(this, buffer, ...rest) };`

  test.each([
    ['small', 'pcapng', () => readFileSync(DEMO)],
    ['gzip', 'pcap.gz', () => readFileSync(fixture('format-gzip'))],
    ['zstd', 'pcap.zst', () => readFileSync(fixture('format-zstd'))],
    ['large', 'pcapng', () => Buffer.concat([...Array(4)].map(() => readFileSync(DEMO)))],
  ])('a read error is an error, not the end of a %s file: the old report stays', (name, ending, bytes) => {
    const file = join(folder, `${name}.${ending}`)
    writeFileSync(file, bytes())
    const target = join(folder, 'report')
    expect(spawnSync(process.execPath, [CLI, 'analyze', DEMO, '-q', '--no-site', '-o', target]).status).toBe(0)
    const old = digests(target)
    const env = { ...process.env, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(BAD_DISK)}` }
    const run = spawnSync(process.execPath, [CLI, 'analyze', file, '-q', '-o', target], { encoding: 'utf8', env })
    expect(run.stderr).toMatch(/^rtnvis: .*: cannot be read at byte [1-9]\d*: the disk or network share reports a read error; .*\n$/)
    expect(run.stderr).toContain(file)
    expect(run.status).toBe(1)
    expect(digests(target)).toEqual(old)
    expect(leftovers(target)).toEqual([])
  })

  function fixture(name: string): string {
    const path = join(dirname(dirname(DEMO)), name)
    return join(path, readdirSync(path).find((file) => file.startsWith('input'))!)
  }

  test('standard output that is full or closed', () => {
    for (const [to, words] of [
      ['> /dev/full', /^rtnvis: standard output could not be written: no space left/],
      ['| true', /^rtnvis: standard output could not be written: the reading program has closed it\n1/],
    ] as const) {
      const lines = `set -o pipefail; { "$1" "$2" analyze "$3" -q --no-site --json -o "$4/r"; echo $? >&2; } ${to}`
      const run = spawnSync('bash', ['-c', lines, 'sh', process.execPath, CLI, DEMO, folder], { encoding: 'utf8' })
      expect(run.stderr).toMatch(words)
      expect(run.stderr.trimEnd().split('\n')).toHaveLength(2)
    }
  })

  test.each([
    ['a file', ['analyze', '\x1b[2J\u009b31m.pcap'], 1],
    ['an option', ['analyze', DEMO, '--max-packets', '\x1b[2J'], 2],
    ['an output folder', ['analyze', DEMO, '-o', '/proc/\x1b[2J\n'], 1],
    ['a report', ['verify', '\x1b[2J'], 1],
    ['an unknown option', ['analyze', '--\x1b[2J'], 2],
  ])('the name of %s moves no cursor', (_, args, status) => {
    const run = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder })
    expect(run.status).toBe(status)
    expect(run.stderr).toContain('\\x1b[2J')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(run.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('bold and cursor movements only for a terminal that has them and a user who wants them', () => {
    const terminal = { isTTY: true } as NodeJS.WriteStream
    expect(takesControls(terminal, { TERM: 'xterm' })).toBe(true)
    expect(takesControls(terminal, { TERM: 'dumb' })).toBe(false)
    expect(takesControls(terminal, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false)
    expect(takesControls({ isTTY: false } as NodeJS.WriteStream, { TERM: 'xterm' })).toBe(false)
  })
})
