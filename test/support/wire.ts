// A wire of our own: a network namespace with two ends of a veth pair, packets played into one end, captured at the other.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const TOOLS = ['ip', 'tcpreplay', 'tcpdump']
const STARTED_MS = 20_000
const LOOK_MS = 20

export const SENT_AT = 'va'
export const SEEN_AT = 'vb'

/** Null where a wire can be had, else what is missing: the reason tests are skipped for. */
export function missingForWire(): string | null {
  if (process.getuid?.() !== 0) return 'root'
  const missing = TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0)
  if (missing.length > 0) return missing.join(', ')
  const probe = `rtnvis-probe-${process.pid}`
  const made = spawnSync('ip', ['netns', 'add', probe]).status === 0
  if (made) spawnSync('ip', ['netns', 'del', probe])
  return made ? null : 'network namespaces'
}

export class Wire {
  private static made = 0
  private readonly name = `rtnvis-${process.pid}-${Wire.made++}`

  constructor() {
    this.ip(['netns', 'add', this.name])
    this.ip(['-n', this.name, 'link', 'add', SENT_AT, 'type', 'veth', 'peer', 'name', SEEN_AT])
    for (const end of [SENT_AT, SEEN_AT]) {
      // The kernel's own neighbour discovery would add packets that nobody played.
      this.run('sysctl', ['-qw', `net.ipv6.conf.${end}.disable_ipv6=1`])
      this.ip(['-n', this.name, 'link', 'set', end, 'up'])
    }
  }

  /** Takes the wire away, as pulling out a network card would. */
  cut(): void {
    this.ip(['-n', this.name, 'link', 'del', SENT_AT])
  }

  /** Pulls out the cable at the other end, or puts it in again. */
  link(state: 'up' | 'down'): void {
    this.ip(['-n', this.name, 'link', 'set', SENT_AT, state])
  }

  remove(): void {
    spawnSync('ip', ['netns', 'del', this.name])
  }

  run(command: string, args: string[]): string {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.name, command, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    if (status !== 0) throw new Error(`${command}: ${stderr}`)
    return stdout
  }

  start(command: string, args: string[], env = process.env): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  }

  play(file: string, packetsPerSecond: number): void {
    this.run('tcpreplay', ['-q', '-K', `--pps=${packetsPerSecond}`, '-i', SENT_AT, file])
  }

  /** `rtnvis live` at the other end. */
  live(args: string[], env?: NodeJS.ProcessEnv): Running {
    return new Running(this.start(process.execPath, [CLI, 'live', '-i', SEEN_AT, '-q', ...args], env))
  }

  private ip(args: string[]): void {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }
}

export class Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stderr = ''

  constructor(child: ChildProcess) {
    this.child = child
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve(code)))
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Waits until something is so; what the program said tells why it never was. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    for (let waited = 0; !isSo(); waited += LOOK_MS) {
      if (waited > STARTED_MS || this.child.exitCode !== null) throw new Error(`not ${what}: ${this.stderr || 'it said nothing'}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** The device is open and the first report is there. */
  capturing(folder: string): Promise<void> {
    return this.until(() => existsSync(`${folder}/traffic.sqlite`), 'capturing')
  }

  /** Ctrl-C. @returns the exit code */
  interrupt(): Promise<number | null> {
    this.child.kill('SIGINT')
    return this.ended
  }
}
