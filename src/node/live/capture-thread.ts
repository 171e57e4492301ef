// The output of the capturing program -> chunks in the shared queue and the raw file. This thread does nothing else.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { setPriority, constants as system, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { CaptureTool, ToolEnd } from './capture-tool.ts'
import { CHUNK_BYTES, type ChunkMessage, ChunkPool, type SharedChunks } from './chunk-pool.ts'
import { RawFile, whyNotWritten } from './raw-file.ts'
import type { RawOptions } from './raw-name.ts'
import { parseCounters, type ToolCounters } from './tool-counters.ts'

export interface CaptureThreadData {
  tool: CaptureTool
  chunks: SharedChunks
  /** Receives filled chunks; null marks the end. */
  port: MessagePort
}

export type ToCapture =
  /** Root has been given up: files may be created. */
  | { kind: 'keep'; raw: RawOptions | null }
  /** Ends the capture after the packets in the kernel's buffer have arrived. */
  | { kind: 'stop' }

export type FromCapture =
  | { kind: 'started'; pid: number }
  /** The device is open: the stream has started. */
  | { kind: 'opened' }
  | { kind: 'counters'; counters: ToolCounters }
  | { kind: 'keeping' }
  | { kind: 'problem'; text: string; isFatal: boolean }
  | ({ kind: 'ended'; wasOpened: boolean; counters: ToolCounters | null } & ToolEnd)

/** nice(1) of this thread and of the capturing program. */
const PRIORITY = system.priority.PRIORITY_HIGH

const READ_BYTES = 65_536
/** Longest time before data are passed on. */
const HAND_ON_MS = 10
/** Interval for retrying when the queue is full; meanwhile the pipe and the kernel's buffer hold the data. */
const RETRY_MS = 2
const COUNTERS_MS = 1000
/** The kernel passes a block of packets on when it is full or a second old (libpcap's read timeout in tcpdump; 250 ms in dumpcap). */
const LAST_BLOCK_MS = 1100
/** Characters kept of the program's standard error. */
const MAX_STDERR = 16_384

class CaptureThread {
  private readonly pool: ChunkPool
  private readonly port: MessagePort
  private readonly tool: CaptureTool
  private readonly child: ChildProcess
  private readonly input: Socket
  private chunk = -1
  private from = 0
  private to = 0
  /** Data that wait for a free chunk. */
  private waiting: Uint8Array | null = null
  private handOnTimer: NodeJS.Timeout | null = null
  private wasOpened = false
  private stderrTail = ''
  private isStopping = false
  /** Undefined until it is known whether raw packets are kept. */
  private raw: RawFile | null | undefined
  private rawQueue: ChunkMessage[] = []
  private rawWork: Promise<void> = Promise.resolve()

  constructor({ tool, chunks, port }: CaptureThreadData) {
    this.tool = tool
    this.port = port
    this.pool = new ChunkPool(chunks)
    preferThisThread()
    const pipe = openPipe()
    this.child = spawn(tool.command, tool.args, {
      stdio: ['ignore', pipe?.write ?? 'pipe', 'pipe'],
      // A process group of its own: Ctrl-C goes only to this program, which then ends the capture in order.
      detached: true,
      // The access key of the live view is not passed on.
      env: { ...process.env, LC_ALL: 'C', RTNVIS_KEY: undefined },
    })
    if (pipe !== null) closeSync(pipe.write)
    this.input = pipe === null ? (this.child.stdout as Socket) : this.readPipe(pipe.read)
    if (pipe === null) this.input.on('data', (bytes: Buffer) => this.take(bytes))
    const ended = new Promise<void>((resolve) => this.input.once('close', resolve))
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => this.addStderr(text))
    this.child.once('error', (error) => this.addStderr(`${error.message}\n`))
    this.child.once('spawn', () => report({ kind: 'started', pid: this.child.pid! }))
    const closed = new Promise<Pick<ToolEnd, 'code' | 'signal'>>((resolve) => {
      this.child.once('error', () => resolve({ code: null, signal: null }))
      this.child.once('close', (code, signal) => resolve({ code, signal }))
    })
    Promise.all([closed, ended]).then(([end]) => this.finish(end))
    parentPort!.on('message', (message: ToCapture) => this.apply(message))
    if (tool.printsCounters) setInterval(() => this.wasOpened && this.signal('SIGUSR1'), COUNTERS_MS).unref()
  }

  private readPipe(fd: number): Socket {
    const buffer = new Uint8Array(READ_BYTES)
    const onread = { buffer, callback: (bytes: number) => this.take(buffer.subarray(0, bytes)) }
    // The types have onread only in connect(); the constructor accepts it, too (net.js).
    const input = new Socket({ fd, readable: true, writable: false, onread } as ConstructorParameters<typeof Socket>[0])
    input.on('error', () => {})
    return input.resume()
  }

  /** @returns false to pause reading */
  private take(bytes: Uint8Array): boolean {
    if (!this.wasOpened) {
      this.wasOpened = true
      report({ kind: 'opened' })
    }
    const rest = this.put(bytes)
    if (rest.length > 0) {
      this.waiting = rest.slice()
      this.input.pause()
      setTimeout(() => this.retry(), RETRY_MS)
    }
    return rest.length === 0
  }

  private retry(): void {
    const rest = this.put(this.waiting!)
    this.waiting = rest.length === 0 ? null : rest
    if (this.waiting === null) this.input.resume()
    else setTimeout(() => this.retry(), RETRY_MS)
  }

  /** Copies into free chunks. @returns the rest */
  private put(bytes: Uint8Array): Uint8Array {
    let at = 0
    while (at < bytes.length) {
      if (this.chunk < 0 && !this.begin()) break
      const step = Math.min(bytes.length - at, CHUNK_BYTES - this.to)
      this.pool.view({ chunk: this.chunk, from: this.to, to: this.to + step }).set(bytes.subarray(at, at + step))
      this.to += step
      at += step
      if (this.to === CHUNK_BYTES) {
        this.handOn()
        this.pool.release(this.chunk)
        this.chunk = -1
      }
    }
    if (this.to > this.from) this.handOnTimer ??= setTimeout(() => this.handOn(), HAND_ON_MS)
    return bytes.subarray(at)
  }

  private begin(): boolean {
    this.chunk = this.pool.take()
    this.from = this.to = 0
    return this.chunk >= 0
  }

  private handOn(): void {
    if (this.handOnTimer !== null) clearTimeout(this.handOnTimer)
    this.handOnTimer = null
    if (this.chunk < 0 || this.to === this.from) return
    const message: ChunkMessage = { chunk: this.chunk, from: this.from, to: this.to }
    this.from = this.to
    this.pool.hold(message.chunk)
    this.port.postMessage(message)
    if (this.raw === null) return
    this.pool.hold(message.chunk)
    if (this.raw === undefined) this.rawQueue.push(message)
    else this.keep(this.raw, message)
  }

  private keep(raw: RawFile, message: ChunkMessage): void {
    this.rawWork = this.rawWork.then(async () => {
      const { problem, isFull } = raw
      await raw.write(this.pool.view(message))
      this.pool.release(message.chunk)
      if (raw.problem !== problem) report({ kind: 'problem', text: raw.problem, isFatal: false })
      if (raw.isFull && !isFull) report({ kind: 'problem', text: 'as many raw files as -W allows', isFatal: true })
    })
  }

  private apply(message: ToCapture): void {
    if (message.kind === 'stop') {
      if (this.isStopping) return
      this.isStopping = true
      setTimeout(() => this.signal('SIGINT'), this.tool.via === 'cap' || this.tool.via === 'tcp' ? 0 : LAST_BLOCK_MS)
    } else this.startKeeping(message.raw)
  }

  private async startKeeping(options: RawOptions | null): Promise<void> {
    const raw = options === null ? null : new RawFile(options)
    try {
      await raw?.open()
      this.raw = raw
      report({ kind: 'keeping' })
    } catch (error) {
      this.raw = null
      report({ kind: 'problem', text: `-w ${options!.path}: ${whyNotWritten(error)}`, isFatal: true })
    }
    for (const message of this.rawQueue) {
      if (this.raw === null) this.pool.release(message.chunk)
      else this.keep(this.raw, message)
    }
    this.rawQueue = []
  }

  private addStderr(text: string): void {
    this.stderrTail = (this.stderrTail + text).slice(-MAX_STDERR)
    const counters = parseCounters(this.stderrTail)
    if (counters !== null) report({ kind: 'counters', counters })
  }

  private signal(name: NodeJS.Signals): void {
    try {
      this.child.kill(name)
    } catch {} // it has ended, or has another user
  }

  private async finish(end: Pick<ToolEnd, 'code' | 'signal'>): Promise<void> {
    while (this.waiting !== null) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    this.handOn()
    this.port.postMessage(null)
    // A program may end before the main thread has said whether raw packets are kept.
    while (this.wasOpened && this.raw === undefined) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    await this.rawWork
    await this.raw?.close()
    if (this.raw?.lost) report({ kind: 'problem', text: this.raw.lost, isFatal: false })
    report({ kind: 'ended', wasOpened: this.wasOpened, ...end, stderr: this.stderrTail, counters: parseCounters(this.stderrTail) })
  }
}

/** Called before the capturing program is started, which inherits the priority: data that wait here are lost, elsewhere only late. Needs root. */
function preferThisThread(): void {
  try {
    setPriority(PRIORITY)
  } catch {}
}

/**
 * A named pipe. Node connects child processes by socket pairs, which cost a program that writes each packet separately twice as much
 * (measured with tcpdump -U: 2.2 against 1.2 microseconds per packet). Null on systems without mkfifo.
 */
function openPipe(): { read: number; write: number } | null {
  let folder = ''
  try {
    folder = mkdtempSync(join(tmpdir(), 'rtnvis-'))
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' })
    const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return { read, write: openSync(path, constants.O_WRONLY) }
  } catch {
    return null
  } finally {
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  }
}

function report(message: FromCapture): void {
  parentPort!.postMessage(message)
}

new CaptureThread(workerData as CaptureThreadData)
