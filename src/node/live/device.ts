// The capturing thread and its program, controlled by the main thread: opens a device and reports its end.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { CaptureError } from '../../errors.ts'
import { scriptFile } from '../paths.ts'
import type { CaptureThreadData, FromCapture, ToCapture } from './capture-thread.ts'
import { type CaptureRequest, type CaptureTool, explainFailure, mayOtherSucceed, type ToolEnd, type Via } from './capture-tool.ts'
import type { SharedChunks } from './chunk-pool.ts'
import { type InterfaceCounters, readCounters } from './interface-counters.ts'
import { hasInterface } from './interfaces.ts'
import type { RawOptions } from './raw-name.ts'
import type { ToolCounters } from './tool-counters.ts'

/** After this time a tool that does not end is killed. */
const KILL_AFTER_MS = 10_000

export interface DeviceEvents {
  counters(counters: ToolCounters): void
  /** @param isFatal the capture must end */
  problem(text: string, isFatal: boolean): void
  /** The tool has ended, and all its data have been passed on. */
  ended(end: ToolEnd): void
  /** The thread failed. */
  lost(reason: string): void
}

export class Device {
  /** The tool in use. */
  via: Via | '' = ''
  /** Counters of the interface at the start. */
  firstCounters: InterfaceCounters | null = null
  private readonly request: CaptureRequest
  private readonly tools: CaptureTool[]
  private readonly chunks: SharedChunks
  private readonly events: DeviceEvents
  private worker: Worker | null = null
  /** Process id of the capturing program; 0 for none. */
  toolPid = 0
  private killTimer: NodeJS.Timeout | undefined

  constructor(request: CaptureRequest, tools: CaptureTool[], chunks: SharedChunks, events: DeviceEvents) {
    this.request = request
    this.tools = tools
    this.chunks = chunks
    this.events = events
    process.once('exit', () => this.killTool())
  }

  /** The interface was removed. "any" stands for all interfaces; a server has none here. */
  get isGone(): boolean {
    const { interfaceName } = this.request
    return interfaceName !== 'any' && this.via !== 'tcp' && !hasInterface(interfaceName)
  }

  /**
   * Tries the tools in order.
   * @returns the port that receives the stream
   * @throws CaptureError, UsageError: one line for the user
   */
  async open(): Promise<MessagePort> {
    let failure: Error | null = null
    for (const tool of this.tools) {
      this.firstCounters = readCounters(this.request.interfaceName)
      const { port1, port2 } = new MessageChannel()
      const stderr = await this.openWith(tool, port1)
      if (stderr === null) {
        this.via = tool.via
        return port2
      }
      port2.close()
      failure ??= explainFailure(tool, this.request, stderr)
      if (!mayOtherSucceed(stderr)) break
    }
    throw failure ?? new CaptureError('no program that can capture packets is installed')
  }

  /** Sets whether and where all packets from the first on are kept as raw files. @throws CaptureError if a file cannot be created */
  keep(raw: RawOptions | null): Promise<void> {
    const kept = new Promise<void>((resolve, reject) => {
      this.worker!.on('message', (message: FromCapture) => {
        if (message.kind === 'keeping') resolve()
        if (message.kind === 'problem' && message.isFatal) reject(new CaptureError(message.text))
      })
    })
    this.send({ kind: 'keep', raw })
    return kept
  }

  /** Ends the capture in order: packets in the kernel's buffer are still read. */
  stop(): void {
    this.send({ kind: 'stop' })
    this.killTimer ??= setTimeout(() => this.killTool(), KILL_AFTER_MS)
  }

  async close(): Promise<void> {
    clearTimeout(this.killTimer)
    this.killTool()
    await this.worker?.terminate()
  }

  /** @returns null after the stream has started, else the tool's standard error */
  private openWith(tool: CaptureTool, port: MessagePort): Promise<string | null> {
    const workerData: CaptureThreadData = { tool, chunks: this.chunks, port }
    // The pipe's descriptor, opened there, is closed by its stream. A thread that tracks descriptors would close its number once more at its
    // end, which by then may be a file of the report.
    const worker = new Worker(scriptFile('live-capture-thread'), { workerData, transferList: [port], trackUnmanagedFds: false })
    return new Promise((resolve, reject) => {
      worker.on('error', (error) => {
        reject(error)
        if (this.worker === worker) this.lose(`capturing failed: ${error.message}`)
      })
      worker.on('message', (message: FromCapture) => {
        if (message.kind === 'started') this.toolPid = message.pid
        if (message.kind === 'opened') {
          this.worker = worker
          resolve(null)
        }
        // Continue only after its thread has ended: the process must not exit while a thread is ending.
        if (message.kind === 'ended' && !message.wasOpened) worker.terminate().then(() => resolve(message.stderr || 'it ended immediately'))
        this.receive(message)
      })
    })
  }

  private receive(message: FromCapture): void {
    if (message.kind === 'counters') this.events.counters(message.counters)
    else if (message.kind === 'problem') this.events.problem(message.text, message.isFatal)
    else if (message.kind === 'ended') {
      this.toolPid = 0
      if (!message.wasOpened) return
      if (message.counters !== null) this.events.counters(message.counters)
      this.events.ended(message)
    }
  }

  private lose(reason: string): void {
    this.killTool()
    this.toolPid = 0
    this.events.lost(reason)
  }

  private send(message: ToCapture): void {
    this.worker?.postMessage(message)
  }

  private killTool(): void {
    if (this.toolPid === 0) return
    try {
      process.kill(this.toolPid, 'SIGKILL')
    } catch {} // it has ended
  }
}
