// Live capture on a wire of its own: what is sent arrives, once, in time, as an ordinary user, and is on disk whatever happens.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SiteManifest } from '../../../src/contract/manifest.ts'
import { office, writeBigCapture } from '../../bench/capture.ts'
import { makeMmdb } from '../../support/mmdb.ts'
import { sqlite3 } from '../../support/sqlite3.ts'
import { missingForWire, Running, SEEN_AT, Wire } from '../../support/wire.ts'

const CLI = fileURLToPath(new URL('../../../dist/node/cli.js', import.meta.url))
const PACKETS = 3000
const missing = missingForWire()
const has = (tool: string) => spawnSync('which', [tool]).status === 0
const hasCap = spawnSync(process.execPath, ['-e', "require('cap')"]).status === 0
const name = missing === null ? 'on a wire' : `on a wire (skipped: needs ${missing})`

const FLOWS = `SELECT transport, client.ip, client_port, server.ip, server_port, flows.first_us, flows.last_us, client_packets, server_packets,
  client_bytes, server_bytes, state, application, server_name FROM flows JOIN hosts client ON client.id = client_host_id
  JOIN hosts server ON server.id = server_host_id ORDER BY flows.id`

/** Runs a program in a terminal of its own, which goes away on SIGUSR1; hands SIGINT on, and ends as the program does. */
const TERMINAL = `
import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
def close(*_):
    os.close(terminal)
    os.kill(pid, signal.SIGHUP)
signal.signal(signal.SIGUSR1, close)
signal.signal(signal.SIGINT, lambda *_: os.kill(pid, signal.SIGINT))
try:
    while os.read(terminal, 65536): pass
except OSError: pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** Seconds and microseconds of every packet, as tcpdump prints them. */
function timesOf(file: string): number[] {
  const { stdout } = spawnSync('tcpdump', ['-tt', '-nr', file], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const lines = stdout.split('\n').filter((line) => /^\d+\.\d{6} /.test(line))
  return lines.map((line) => Math.round(Number.parseFloat(line) * 1e6))
}

function statusOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]))
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return stdout.trim().split('\n').filter(Boolean).map(Number)
}

describe.skipIf(missing !== null)(name, () => {
  let folder: string
  let wire: Wire
  let sent: string
  let out: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rtnvis-wire-'))
    spawnSync('chmod', ['777', folder])
    sent = join(folder, 'sent.pcap')
    writeBigCapture(sent, office(PACKETS, 120))
    wire = new Wire()
  })
  beforeEach(({ task }) => {
    out = join(folder, task.id)
  })
  afterAll(() => {
    wire?.remove()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('everything sent arrives: the same count as tcpdump on the same wire, times within 50 ms, the raw file gives the same flows', async () => {
    const raw = join(folder, 'raw.pcap')
    const beside = join(folder, 'beside.pcap')
    const tcpdump = wire.start('tcpdump', ['-i', SEEN_AT, '-U', '-Z', 'root', '-w', beside])
    const live = wire.live(['-o', out, '-w', raw, '--max-packets', 'all', '--no-site'])
    await live.capturing(out)
    wire.play(sent, 10_000)
    expect(await live.interrupt()).toBe(0)
    tcpdump.kill('SIGINT')
    await new Promise((resolve) => tcpdump.once('close', resolve))

    const times = timesOf(beside)
    expect(times).toHaveLength(PACKETS)
    const database = join(out, 'traffic.sqlite')
    expect(sqlite3(database, 'SELECT packets, ip_packets, ended_by FROM captures')).toBe(`${PACKETS}|${PACKETS}|ended by the user\n`)
    // Packets of a conversation differ in little, and tcpreplay sends them within milliseconds.
    const warnings = sqlite3(database, 'SELECT warnings FROM captures').trim().split('\n')
    expect(warnings.filter((line) => line !== '' && !line.includes('look like one of the 4 before them'))).toEqual([])
    expect(sqlite3(database, 'SELECT sum(client_packets + server_packets) FROM flows')).toBe(`${PACKETS}\n`)
    expect(sqlite3(database, "SELECT value FROM meta WHERE key IN ('kernel_drops', 'queue_drops', 'drops_estimated')")).toBe('0\n0\n0\n')
    const ours = sqlite3(database, 'SELECT at_us FROM packets ORDER BY id').trim().split('\n').map(Number)
    expect(ours).toHaveLength(PACKETS)
    expect(Math.max(...ours.map((at, i) => Math.abs(at - times[i])))).toBeLessThan(50_000)

    const again = join(folder, 'again')
    const analyzed = spawnSync(process.execPath, [CLI, 'analyze', raw, '-q', '--no-site', '-o', again], { encoding: 'utf8' })
    expect(analyzed.stderr).toBe('')
    expect(sqlite3(join(again, 'traffic.sqlite'), FLOWS)).toBe(sqlite3(database, FLOWS))
  })

  test('only what the filter lets through is captured', async () => {
    const expected = spawnSync('tcpdump', ['-nr', sent, 'udp'], { encoding: 'utf8' }).stdout.trim().split('\n').length
    const live = wire.live(['-o', out, '-f', 'udp', '--no-site'])
    await live.capturing(out)
    wire.play(sent, 10_000)
    await live.interrupt()
    expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets FROM captures')).toBe(`${expected}\n`)
    expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT DISTINCT transport FROM flows')).toBe('udp\n')
    expect(expected).toBeGreaterThan(0)
  })

  test('findings: a list is used, the exit code shows it; a wrong file is reported before capturing starts', async () => {
    const [line] = spawnSync('tcpdump', ['-nqtr', sent, '-c', '1'], { encoding: 'utf8' }).stdout.split('\n')
    const address = line.match(/> (\d+\.\d+\.\d+\.\d+)/)![1]
    const list = join(folder, 'list.txt')
    writeFileSync(list, `${address}\n`)
    const live = wire.live(['-o', out, '--blocklist', list, '--fail-on', 'info', '--no-site'])
    await live.capturing(out)
    wire.play(sent, 10_000)
    expect(await live.interrupt(), live.stderr).toBe(3)
    const hosts = "SELECT DISTINCT ip FROM alerts JOIN hosts ON hosts.id IN (source_host_id, target_host_id) WHERE rule = 'blocklist'"
    expect(sqlite3(join(out, 'traffic.sqlite'), hosts)).toContain(`${address}\n`)
    const wrong = wire.live(['-o', join(folder, 'never'), '--blocklist', join(folder, 'none.txt')])
    expect(await wrong.ended).toBe(2)
    expect(wrong.stderr).toMatch(/^rtnvis: .*none\.txt.*\n$/)
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  test('a filter that is none is one line, and nothing is made', async () => {
    const live = wire.live(['-o', out, '-f', 'tcp portt 80'])
    expect(await live.ended).toBe(2)
    expect(live.stderr).toBe('rtnvis: -f tcp portt 80: syntax error\n')
    expect(existsSync(out)).toBe(false)
  })

  test('all processes give up root, and all files belong to the user', async () => {
    const user = spawnSync('getent', ['passwd', 'nobody'], { encoding: 'utf8' }).stdout.split(':')
    const raw = join(folder, 'users.pcap')
    const live = wire.live(['-o', out, '-Z', 'nobody', '-w', raw])
    await live.capturing(out)
    const children = childrenOf(live.pid)
    expect(children).toHaveLength(1)
    for (const pid of [live.pid, ...children]) {
      const status = statusOf(pid)
      expect(status.Uid.split('\t'), `${pid}`).toEqual(Array(4).fill(user[2]))
      expect(status.Gid.split('\t'), `${pid}`).toEqual(Array(4).fill(user[3]))
      expect(status.Groups.trim().split(' '), `${pid}`).not.toContain('0')
      expect([status.CapPrm, status.CapEff], `${pid}`).toEqual(Array(2).fill('0000000000000000'))
    }
    for (const thread of readdirSync(`/proc/${live.pid}/task`)) expect(statusOf(Number(thread)).Uid).toContain(user[2])
    wire.play(sent, 10_000)
    await live.interrupt()
    expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets FROM captures')).toBe(`${PACKETS}\n`)
    for (const file of [out, join(out, 'traffic.sqlite'), join(out, 'index.html'), raw])
      expect(String(statSync(file).uid), file).toBe(user[2])
  })

  test('after kill -9 the report is readable and has the packets so far', async () => {
    const live = wire.live(['-o', out])
    await live.capturing(out)
    wire.play(sent, 10_000)
    const database = join(out, 'traffic.sqlite')
    await live.until(() => Number(sqlite3(database, 'SELECT packets FROM captures')) === PACKETS, 'on disk')
    live.child.kill('SIGKILL')
    await live.ended
    expect(sqlite3(database, 'PRAGMA integrity_check')).toBe('ok\n')
    expect(sqlite3(database, 'SELECT ended_by FROM captures')).toBe('still capturing\n')
    const manifest = readFileSync(join(out, 'assets/data/manifest.js'), 'utf8')
    const { folder: parts = 'data', parts: count } = JSON.parse(manifest.replace('rtnvisManifest=', '')) as SiteManifest
    for (let part = 0; part < count; part++) expect(existsSync(join(out, 'assets', parts, `part-${part}.js`))).toBe(true)
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>')
  })

  test('an interface that goes away ends the capture, and the report says so', async () => {
    const short = new Wire()
    try {
      const live = short.live(['-o', out, '--no-site'])
      await live.capturing(out)
      short.play(sent, 10_000)
      const onDisk = () => sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets FROM captures')
      await live.until(() => onDisk() === `${PACKETS}\n`, 'on disk')
      short.cut()
      expect(await live.ended).toBe(1)
      expect(live.stderr).toContain('gone')
      // A busy machine, and a link seen on its way out, have lines of their own.
      const lines = live.stderr
        .trim()
        .split('\n')
        .filter((line) => !/the program did not run for|the link of/.test(line))
      expect(lines).toHaveLength(1)
      expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets, ended_by FROM captures')).toBe(
        `${PACKETS}|the interface ${SEEN_AT} is gone\n`,
      )
    } finally {
      short.remove()
    }
  })

  test('the capturing program is stopped, the link goes down, the program is killed: all is reported, and the report is complete', async () => {
    const short = new Wire()
    try {
      const live = short.live(['-o', out, '--no-site'])
      await live.capturing(out)
      const said = (text: RegExp) => live.until(() => text.test(live.stderr), `said: ${text}`)
      const [tool] = childrenOf(live.pid)
      process.kill(tool, 'SIGSTOP')
      await said(/since \S+ UTC tcpdump is stopped/)
      process.kill(tool, 'SIGCONT')
      await said(/tcpdump was stopped: packets that did not fit into the kernel's buffer were dropped/)
      short.link('down')
      await said(/the link of vb is down/)
      short.link('up')
      await said(/the link of vb was down/)
      short.play(sent, 10_000)
      const onDisk = () => sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets FROM captures')
      await live.until(() => onDisk() === `${PACKETS}\n`, 'on disk')
      process.kill(tool, 'SIGKILL')
      expect(await live.ended).toBe(1)
      expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets, ended_by FROM captures')).toBe(
        `${PACKETS}|tcpdump was ended by SIGKILL\n`,
      )
      const warnings = sqlite3(join(out, 'traffic.sqlite'), 'SELECT warnings FROM captures').trim().split('\n')
      const told = warnings.filter((line) => /tcpdump|link/.test(line))
      expect(told.map((line) => line.replace(/^.* UTC /, ''))).toEqual([
        "tcpdump is stopped: only the packets that fit into the kernel's buffer are captured",
        "tcpdump was stopped: packets that did not fit into the kernel's buffer were dropped",
        'the link of vb is down: no packets arrive',
        'the link of vb was down',
      ])
    } finally {
      short.remove()
    }
  })

  test('a root shell gives up root too, where another user may write the report, and says who it is', async () => {
    const env = { ...process.env, SUDO_UID: undefined }
    const live = new Running(wire.start(process.execPath, [CLI, 'live', '-i', SEEN_AT, '-o', out, '--no-site'], env))
    await live.capturing(out)
    for (const pid of [live.pid, ...childrenOf(live.pid)]) expect(statusOf(pid).Uid.split('\t'), `${pid}`).not.toContain('0')
    expect(live.stderr).toContain('root has been given up: running as nobody (-Z chooses another user)')
    await live.interrupt()

    const own = join(folder, 'own')
    mkdirSync(own, { mode: 0o755 })
    const kept = new Running(wire.start(process.execPath, [CLI, 'live', '-i', SEEN_AT, '-o', join(own, 'out'), '--no-site'], env))
    await kept.capturing(join(own, 'out'))
    expect(kept.stderr).toContain(`still running as root, because only root may write where ${join(own, 'out')} is: choose a user with -Z`)
    await kept.interrupt()
  })

  test('a full disk is reported for the raw file, and the capture continues', async () => {
    const small = join(folder, 'raw-small')
    mkdirSync(small)
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=777', 'none', small]).status).toBe(0)
    try {
      const raw = join(small, 'raw.pcap')
      const live = wire.live(['-o', out, '--no-site', '-w', raw])
      await live.capturing(out)
      wire.play(sent, 10_000)
      await live.until(() => live.stderr.includes('no longer written'), 'told')
      expect(await live.interrupt()).toBe(0)
      expect(live.stderr).toMatch(
        /-w \S+raw\.pcap: raw packets are no longer written since \S+ UTC: no space left on the disk: .* with -w\n/,
      )
      expect(live.stderr).not.toContain('-o')
      expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets FROM captures')).toBe(`${PACKETS}\n`)
      const warnings = sqlite3(join(out, 'traffic.sqlite'), 'SELECT warnings FROM captures')
      expect(warnings).toMatch(
        /no longer written since \S+ UTC: no space left on the disk.*\n-w \S+: \S+ MB of raw packets since \S+ UTC are not in it; the report has them\n/,
      )
    } finally {
      spawnSync('umount', [small])
    }
  })

  test('a full disk is reported, and the existing report stays complete', async () => {
    const small = join(folder, 'small')
    mkdirSync(small)
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=240k', 'none', small]).status).toBe(0)
    try {
      const live = wire.live(['-o', join(small, 'out'), '--no-site'])
      await live.capturing(join(small, 'out'))
      wire.play(sent, 10_000)
      expect(await live.interrupt()).toBe(1)
      expect(live.stderr).toMatch(/no space left on .*small/)
      expect(sqlite3(join(small, 'out/traffic.sqlite'), 'PRAGMA integrity_check')).toBe('ok\n')
    } finally {
      spawnSync('umount', [small])
    }
  })

  test('-c ends after so many packets', async () => {
    const live = wire.live(['-o', out, '-c', '1000', '--no-site'])
    await live.capturing(out)
    wire.play(sent, 10_000)
    expect(await live.ended).toBe(0)
    expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets, ended_by FROM captures')).toBe('1000|after 1,000 packets\n')
  })

  test('a planned end that Ctrl-C came before is an interruption; a second Ctrl-C ends at once', async () => {
    const live = wire.live(['-o', out, '--duration', '1h', '--no-site'])
    await live.capturing(out)
    live.child.kill('SIGINT')
    await live.until(() => live.stderr.includes('interrupted'), 'interrupted')
    expect(await live.interrupt()).toBe(130)
    expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets FROM captures')).toBe('0\n')
  })

  test('a closed terminal ends it in order, although it sends two signals; under nohup it continues', async () => {
    const terminal = join(folder, 'terminal.py')
    writeFileSync(terminal, TERMINAL)
    const ending = () => sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets, ended_by FROM captures')
    const start = (...before: string[]) =>
      new Running(wire.start('python3', [terminal, ...before, process.execPath, CLI, 'live', '-i', SEEN_AT, '-o', out, '--no-site']))
    const closed = start()
    await closed.capturing(out)
    wire.play(sent, 10_000)
    closed.child.kill('SIGUSR1')
    expect(await closed.ended).toBe(0)
    expect(ending()).toBe(`${PACKETS}|ended by the user\n`)

    rmSync(out, { recursive: true })
    const kept = start('sh', '-c', 'exec nohup "$@" > /dev/null 2>&1', 'sh')
    await kept.capturing(out)
    kept.child.kill('SIGUSR1')
    wire.play(sent, 10_000)
    await kept.until(() => ending() === `${PACKETS}|still capturing\n`, 'on disk')
    expect(await kept.interrupt()).toBe(0)
    expect(ending()).toBe(`${PACKETS}|ended by the user\n`)
  })

  test('files that only root may read are read before root is given up', async () => {
    const secret = join(folder, 'secret')
    mkdirSync(secret, { mode: 0o700 })
    const at = (file: string) => join(secret, file)
    const subject = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    expect(spawnSync('openssl', [...subject, '-keyout', at('key.pem'), '-out', at('cert.pem')]).status).toBe(0)
    writeFileSync(at('rules.toml'), '[rules.port-scan]\nports = 30\n')
    writeFileSync(at('list.txt'), '192.0.2.1\n')
    writeFileSync(at('key'), 'correct-horse-battery\n')
    writeFileSync(at('places.mmdb'), makeMmdb({ '0.0.0.0/1': { country: { iso_code: 'KE' } } }, { databaseType: 'Test-City' }))
    const findings = ['--rules', at('rules.toml'), '--blocklist', at('list.txt'), '--geoip', at('places.mmdb')]
    const serving = ['--serve', '--port', '8443', '--tls-cert', at('cert.pem'), '--tls-key', at('key.pem')]
    const live = wire.live(['-o', out, '-Z', 'nobody', '--no-site', ...findings, ...serving], {
      ...process.env,
      RTNVIS_KEY_FILE: at('key'),
    })
    await live.until(() => live.stderr.includes('live view: https://127.0.0.1:8443/\n'), 'serving')
    expect(statusOf(live.pid).Uid).not.toContain('\t0')
    wire.play(sent, 10_000)
    wire.run('ip', ['link', 'set', 'lo', 'up'])
    const asking = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
      const headers = { 'x-api-key': 'correct-horse-battery' }
      fetch('https://127.0.0.1:8443/api/status', { headers }).then((answer) => answer.text()).then(console.log)`
    expect(wire.run(process.execPath, ['-e', asking])).toContain('"state":"capturing"')
    expect(await live.interrupt()).toBe(0)
    expect(sqlite3(join(out, 'traffic.sqlite'), "SELECT value FROM meta WHERE key = 'geoip_database'")).toContain('Test-City')
  })

  test.skipIf(!has('dumpcap'))(`dumpcap as the source${has('dumpcap') ? '' : ' (skipped: needs dumpcap)'}`, async () => {
    const live = wire.live(['-o', out, '--via', 'dumpcap', '-Z', 'nobody', '--no-site'])
    await live.capturing(out)
    for (const pid of childrenOf(live.pid)) expect(statusOf(pid).Uid).not.toContain('\t0')
    wire.play(sent, 5000)
    expect(await live.interrupt()).toBe(0)
    expect(sqlite3(join(out, 'traffic.sqlite'), 'SELECT packets, format FROM captures')).toBe(`${PACKETS}|live capture by dumpcap\n`)
    expect(sqlite3(join(out, 'traffic.sqlite'), "SELECT value FROM meta WHERE key = 'drops_estimated'")).toBe('0\n')
  })

  test.skipIf(!hasCap)(`cap as the source${hasCap ? '' : ' (skipped: cap is not compiled)'}`, async () => {
    const beside = join(folder, 'beside-cap.pcap')
    const tcpdump = wire.start('tcpdump', ['-i', SEEN_AT, '-U', '-Z', 'root', '-w', beside])
    const live = wire.live(['-o', out, '--via', 'cap', '-Z', 'nobody', '--max-packets', 'all', '--no-site'])
    await live.capturing(out)
    for (const pid of childrenOf(live.pid)) expect(statusOf(pid).Uid).not.toContain('\t0')
    wire.play(sent, 5000)
    expect(await live.interrupt()).toBe(0)
    tcpdump.kill('SIGINT')
    await new Promise((resolve) => tcpdump.once('close', resolve))
    const database = join(out, 'traffic.sqlite')
    expect(sqlite3(database, 'SELECT packets, format FROM captures')).toBe(`${PACKETS}|live capture by cap\n`)
    expect(sqlite3(database, "SELECT value FROM meta WHERE key = 'drops_estimated'")).toBe('1\n')
    const times = timesOf(beside)
    const late = sqlite3(database, 'SELECT at_us FROM packets ORDER BY id')
      .trim()
      .split('\n')
      .map((at, i) => Number(at) - times[i])
    expect(late).toHaveLength(PACKETS)
    expect(late.sort((a, b) => a - b)[PACKETS / 2]).toBeLessThan(50_000)
  })
})
