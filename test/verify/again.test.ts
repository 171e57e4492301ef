// Reports made with every option, and by runs that were interrupted, are made again; what they were made with and is not here is named. Signatures.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureSite } from '../support/browser.ts'
import { ethernet, ipv4, tcp, udp } from '../support/build.ts'
import { pcap, pcapng } from '../support/capture-files.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rtnvis-again-'))
const at = (name: string) => join(folder, name)

const syn = (n: number) => ethernet(ipv4('10.0.0.5', '10.0.9.1', tcp(40_000, 20_000 + n, 'S')))
const scan = Array.from({ length: 40 }, (_, n) => ({ atUs: 1_773_738_000_000_000 + n * 1000, bytes: syn(n) }))
const talk = Array.from({ length: 9 }, (_, n) => ({
  atUs: 1_773_738_000_000_500 + n * 1000,
  bytes: ethernet(ipv4('10.0.0.5', '8.8.4.4', udp(5000 + n, 53, 'x'))),
}))

beforeAll(async () => {
  await ensureSite()
  for (const name of ['a', 'b', 'lists']) mkdirSync(at(name))
  writeFileSync(at('a/same.pcap'), pcap(scan))
  writeFileSync(at('b/same.pcap'), pcap(talk))
  writeFileSync(at('lists/bad.txt'), '8.8.4.4\n')
  writeFileSync(at('lists/ours.toml'), '[rules.port-scan]\nports = 30\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder })
const analyze = (...args: string[]) => expect(run('analyze', '-q', '--force', ...args)).toMatchObject({ status: 0, stderr: '' })
const SAME = 'report: made again from its captures: agrees (the database is the same to the byte'

/** Each of these starts the program several times. */
const LONG = { timeout: 180_000 }

describe('made again', LONG, () => {
  test('with rules, a blocklist, a baseline, an origin, a title, few packets, one page', () => {
    analyze('b/same.pcap', '--no-site', '-o', 'older')
    const files = ['--rules', 'lists/ours.toml', '--blocklist', 'lists/bad.txt', '--baseline', 'older']
    const options = ['--name', 'A & B', '--origin', 'Berlin', '--max-packets', '7', '--single-file']
    analyze('a/same.pcap', 'b/same.pcap', '-o', 'all', ...files, ...options)
    const captures = ['--capture', 'a/same.pcap', 'b/same.pcap']
    const good = run('verify', 'all', ...captures, ...files)
    expect(good.stdout).toContain(SAME)
    expect(good.stdout).toContain('folder: files of the folder: agrees (3 made again and found alike')
    expect(good.status).toBe(0)
    // The baseline is found by its name; the others are not where captures are looked for.
    const without = run('verify', 'all', ...captures)
    expect(without.stdout.match(/^report: findings: not checked: .*$/gm)).toEqual([
      expect.stringMatching(
        /not checked: ours\.toml with SHA-256 [0-9a-f]{64}, which they were made with, was not found: give it with --rules FILE$/,
      ),
      expect.stringContaining('bad.txt with SHA-256'),
    ])
    expect(without.stdout).toContain('database: table flows made again: agrees (')
    expect(without.stdout).not.toContain('table alerts')
    expect(without.status).toBe(0)
  })

  test('two captures of one name, and one capture given twice', () => {
    analyze('b/same.pcap', 'a/same.pcap', '--no-site', '-o', 'names')
    const names = run('verify', 'names', '--capture', 'a/same.pcap', 'b/same.pcap')
    expect([names.status, names.stdout.includes(SAME)]).toEqual([0, true])
    analyze('a/same.pcap', 'a/same.pcap', '--no-site', '-o', 'twice')
    for (const capture of [['a/same.pcap'], ['a/same.pcap', 'a/same.pcap']]) {
      const twice = run('verify', 'twice', '--capture', ...capture)
      expect([twice.status, twice.stdout.includes(SAME)]).toEqual([0, true])
    }
  })

  test('another file with this name next to the report is not used as the capture', () => {
    mkdirSync(at('c'))
    cpSync(at('b/same.pcap'), at('c/same.pcap'))
    analyze('a/same.pcap', '--no-site', '-o', 'c/report')
    const { status, stdout } = run('verify', 'c/report')
    expect(status).toBe(0)
    expect(stdout).toMatch(/same\.pcap: SHA-256, packets, bytes and times: not checked: .*c\/same\.pcap is another file of that name/)
  })

  test('packets from before 1970', () => {
    const file = pcapng()
    const head = [file.section(), file.interface({ timeOffset: -86_400 })]
    const packets = scan.map(({ bytes }, n) => file.packet({ atUs: -86_400_000_000 + n * 1000, bytes }))
    writeFileSync(at('early.pcapng'), Buffer.concat([...head, ...packets]))
    analyze('early.pcapng', '--no-site', '-o', 'early')
    const { status, stdout } = run('verify', 'early', '--capture', 'early.pcapng')
    expect(stdout).toContain('database: timeline: agrees')
    expect([status, stdout.includes(SAME)]).toEqual([0, true])
  })

  test('a run that was interrupted, from the packets it has read', async () => {
    const whole = Buffer.from(pcap(scan))
    writeFileSync(at('whole.pcap'), whole)
    const child = spawn(process.execPath, [CLI, 'analyze', '-', '-q', '--no-site', '-o', 'part'], { cwd: folder })
    child.stdin.write(whole.subarray(0, 24 + 25 * (16 + syn(0).length) + 5))
    const ended = new Promise((resolve) => child.on('exit', resolve))
    await setTimeout(5000)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    const { status, stdout } = run('verify', 'part', '--capture', 'whole.pcap')
    expect(stdout).toContain('stdin: packets: agrees (25, recounted by pcap-parser; as many as the report has read)')
    expect([status, stdout.includes(SAME)]).toEqual([0, true])
  })

  test('a pipe in the place of the database: one line, at once', () => {
    mkdirSync(at('pipe'))
    expect(spawnSync('mkfifo', [at('pipe/traffic.sqlite')]).status).toBe(0)
    const { status, stderr } = run('verify', 'pipe')
    expect([status, stderr]).toEqual([1, 'rtnvis: pipe/traffic.sqlite: it is a pipe or a device, not a file\n'])
  })
})

describe('signatures, made and checked with OpenSSH', LONG, () => {
  const keygen = (...args: string[]) => spawnSync('ssh-keygen', args, { encoding: 'utf8', cwd: folder })
  beforeAll(() => {
    expect(keygen('-q', '-t', 'ed25519', '-N', '', '-C', 'me', '-f', 'key').status).toBe(0)
    expect(keygen('-q', '-t', 'ed25519', '-N', '', '-f', 'other').status).toBe(0)
    expect(keygen('-q', '-t', 'ed25519', '-N', 'secret', '-f', 'locked').status).toBe(0)
    analyze('a/same.pcap', '-o', 'signed', '--sign', 'key')
  })

  test('verify, ssh-keygen -Y verify and sha256sum -c agree', () => {
    const { status, stdout } = run('verify', 'signed', '--check-signature', 'key.pub')
    const files = readdirSync(at('signed'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length - 2
    expect(stdout).toContain(`SHA256SUMS: sums of all files: agrees (${files} files)`)
    expect(stdout).toMatch(/^SHA256SUMS\.sig: signature: agrees \(Good "rtnvis" signature for rtnvis with ED25519 key SHA256:/m)
    expect(stdout).toContain('report: all files: agrees (they are as they were signed)')
    expect(status).toBe(0)
    expect(spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], { cwd: at('signed') }).status).toBe(0)
    writeFileSync(at('signers'), `me ${readFileSync(at('key.pub'), 'utf8')}`)
    const input = readFileSync(at('signed/SHA256SUMS'))
    const args = ['-Y', 'verify', '-f', at('signers'), '-I', 'me', '-n', 'rtnvis', '-s', at('signed/SHA256SUMS.sig')]
    expect(spawnSync('ssh-keygen', args, { input }).status).toBe(0)
  })

  test('the same report has the same sums; one that was changed, signed by somebody else or not at all is reported', () => {
    analyze('a/same.pcap', '-o', 'again', '--sign', 'key')
    expect(readFileSync(at('again/SHA256SUMS'))).toEqual(readFileSync(at('signed/SHA256SUMS')))
    const other = run('verify', 'signed', '--check-signature', 'other.pub')
    expect([other.status, /^SHA256SUMS\.sig: signature: DIFFERS: not by this key: /m.test(other.stdout)]).toEqual([1, true])
    writeFileSync(at('again/report.md'), 'All is well.')
    const changed = run('verify', 'again', '--check-signature', 'key.pub')
    expect(changed.stdout).toContain('SHA256SUMS: sums of all files: DIFFERS: report.md was changed')
    expect(changed.status).toBe(1)
    writeFileSync(
      at('again/SHA256SUMS'),
      readFileSync(at('again/SHA256SUMS'), 'utf8').replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    )
    expect(run('verify', 'again', '--check-signature', 'key.pub').stdout).toContain('SHA256SUMS.sig: signature: DIFFERS')
    const unsigned = run('verify', 'all', '--check-signature', 'key.pub')
    expect([unsigned.status, unsigned.stdout.includes('signature: DIFFERS: the report is not signed')]).toEqual([1, true])
  })

  test('a key that cannot sign is reported before anything is read, and nothing is written', () => {
    const lines = [
      ['locked', 'it has a passphrase, and there is no terminal to ask for it'],
      ['missing', 'no such file'],
      ['a/same.pcap', 'not a private key that ssh-keygen can use'],
    ]
    for (const [key, text] of lines) {
      const { status, stderr } = run('analyze', 'a/same.pcap', '-q', '-o', 'never', '--sign', key)
      expect([status, stderr.split('\n').length]).toEqual([2, 2])
      expect(stderr).toContain(`rtnvis: --sign ${key}: ${text}`)
    }
    expect(() => renameSync(at('never'), at('ever'))).toThrow('ENOENT')
    expect(run('verify', 'signed', '--check-signature', 'key').stderr).toContain('no SSH public key is in it')
  })
})
