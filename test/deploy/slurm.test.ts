// The jobs for Slurm, run by a Slurm of its own on this machine: a controller and a node without daemons of the system, on free ports.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sqlite3 } from '../support/sqlite3.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = join(ROOT, 'dist/node/cli.js')
const CAPTURES = ['names-tls', 'names-dns', 'names-http', 'icmp-errors', 'hosts-scopes', 'fragments-ipv6', 'tcp-states']
const PLACES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

const has = (program: string) => {
  try {
    execFileSync('sh', ['-c', `PATH=$PATH:${PLACES.join(':')} command -v ${program}`])
    return true
  } catch {
    return false
  }
}
const isPossible = process.getuid?.() === 0 && ['slurmctld', 'slurmd', 'sbatch'].every(has)

const folder = mkdtempSync(join(tmpdir(), 'rtnvis-slurm-'))
const env = { ...process.env, PATH: `${process.env.PATH}:${PLACES.join(':')}`, SLURM_CONF: join(folder, 'slurm.conf') }
const daemons: ChildProcess[] = []

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

const ask = (program: string, ...args: string[]) =>
  execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

async function until(isDone: () => boolean, what: string, ms = 60_000): Promise<void> {
  const from = Date.now()
  while (!isDone()) {
    if (Date.now() - from > ms) throw new Error(`${what}: not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

describe.skipIf(!isPossible)('Slurm (needs root, slurmctld and slurmd)', () => {
  /** Why it does not run on this machine; '' if it does. */
  let problem = ''

  beforeAll(async () => {
    const name = hostname().split('.')[0]
    for (const place of ['state', 'spool']) mkdirSync(join(folder, place))
    writeFileSync(
      env.SLURM_CONF,
      [
        ...['ClusterName=test', `SlurmctldHost=${name}(127.0.0.1)`, 'SlurmUser=root', 'SlurmdUser=root'],
        ...['AuthType=auth/none', 'CredType=cred/none', 'MpiDefault=none', 'ProctrackType=proctrack/pgid', 'TaskPlugin=task/none'],
        ...['SelectType=select/cons_tres', 'SelectTypeParameters=CR_CPU', 'SwitchType=switch/none', 'ReturnToService=2'],
        ...['SchedulerType=sched/builtin', 'SchedulerParameters=batch_sched_delay=0', 'JobAcctGatherType=jobacct_gather/none'],
        ...[`SlurmctldPort=${await freePort()}`, `SlurmdPort=${await freePort()}`],
        ...[`StateSaveLocation=${folder}/state`, `SlurmdSpoolDir=${folder}/spool`],
        ...[`SlurmctldPidFile=${folder}/slurmctld.pid`, `SlurmdPidFile=${folder}/slurmd.pid`],
        `NodeName=${name} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
        `PartitionName=all Nodes=${name} Default=YES State=UP`,
        '',
      ].join('\n'),
    )
    for (const [program, ...args] of [
      ['slurmctld', '-D', '-i'],
      ['slurmd', '-D', '-N', name],
    ])
      daemons.push(spawn(program, args, { env, stdio: 'ignore' }))
    await until(() => {
      try {
        return ask('sinfo', '-h', '-o', '%t').trim() === 'idle'
      } catch {
        return false
      }
    }, 'an idle node').catch((error: Error) => {
      problem = error.message
    })
  }, 90_000)

  afterAll(async () => {
    for (const daemon of daemons.reverse()) {
      const isGone = new Promise((resolve) => daemon.once('exit', resolve))
      daemon.kill('SIGTERM')
      await isGone
    }
    rmSync(folder, { recursive: true, force: true })
  })

  test('makes one report of a folder of captures, and says which one is not in it', async ({ skip }) => {
    skip(problem !== '', `Slurm does not start on this machine: ${problem}`)
    const captures = join(folder, 'with a space')
    mkdirSync(captures)
    for (const name of CAPTURES) copyFileSync(join(ROOT, 'fixtures', name, 'input.pcap'), join(captures, `${name}.pcap`))
    writeFileSync(join(captures, 'damaged.pcap'), 'no capture')
    writeFileSync(join(captures, 'notes.txt'), 'not for the analysis')
    const program = join(folder, 'rtnvis')
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`)
    chmodSync(program, 0o755)
    const reports = join(folder, 'reports')
    const said = execFileSync(join(ROOT, '.deploy/slurm/submit'), [captures, reports], {
      env: { ...env, RTNVIS: program, GROUP: '3', TASKS: '5' },
      encoding: 'utf8',
    })
    expect(said).toMatch(/^8 captures: jobs \d+, \d+, \d+; the report will be .*\/reports\/all\n$/)
    await until(() => ask('squeue', '-h') === '', 'the jobs', 240_000)

    execFileSync(process.execPath, [
      CLI,
      'analyze',
      ...CAPTURES.map((name) => join(captures, `${name}.pcap`)),
      '--out',
      join(folder, 'one'),
      '-q',
    ])
    const totals =
      'SELECT count(*), sum(client_packets + server_packets), sum(client_bytes + server_bytes), (SELECT count(*) FROM hosts) FROM flows'
    expect(sqlite3(join(reports, 'all/traffic.sqlite'), totals)).toBe(sqlite3(join(folder, 'one/traffic.sqlite'), totals))
    expect(sqlite3(join(reports, 'all/traffic.sqlite'), 'SELECT count(*) FROM captures').trim()).toBe(String(CAPTURES.length))
    readFileSync(join(reports, 'all/index.html'))
    const job = /(\d+);/.exec(said)![1]
    expect(readFileSync(join(reports, `logs/all-${job}_4294967294.txt`), 'utf8')).toContain(
      `not in the report, see what analyze said: ${captures}/damaged.pcap`,
    )
    expect(() => execFileSync(join(ROOT, '.deploy/slurm/submit'), [captures, reports], { env, stdio: 'ignore' })).toThrow()
  }, 300_000)
})
