// The page's side of an analysis: its two workers, made of the texts of functions, and the data they ask for.
import type { Digest, FromAnalysis, FromDigest, SavedAs, ToAnalysis, ToDigest } from '../../../src/browser/messages.ts'
import { loadScript } from '../ui/load-script.ts'
import { loadData } from './scripts.ts'

declare global {
  /** analyzer/analysis.js and analyzer/digest.js: workers as functions of the scope they speak through. */
  var rtnvisAnalysis: ((scope: unknown) => void) | undefined
  var rtnvisDigest: ((scope: unknown) => void) | undefined
  /** For the report that is open: digests that take the place of the pending ones. */
  var rtnvisDigests: Promise<Digest[]> | undefined
  /** For the report that is open: the files it was made from, in its order, once they are read; none of a saved report. */
  var rtnvisCaptures: Promise<File[]> | undefined
}

/** A large report takes half of it to open. */
const OPENING_MS = 1000

const GONE =
  'The analysis ended without a word: this browser gave it no more memory. Analyse a part of the capture, or use the rtnvis program.'

export class AnalysisClient {
  onmessage: (message: FromAnalysis) => void = () => {}
  private worker: Promise<Worker> | null = null
  private current: Worker | null = null
  private hasher: Worker | null = null
  /** Timer: a report that is being opened is hashed afterwards. */
  private opening = 0
  private captures: File[] = []
  private tellCaptures: (captures: File[]) => void = () => {}
  private tellDigests: (digests: Digest[]) => void = () => {}
  private tellDatabase: (database: Blob) => void = () => {}
  /** The finished report's, with its digests. */
  database: Promise<Blob> = Promise.resolve(new Blob())

  /** At the first sign of a capture: the location database takes a while to open. */
  prepare(): void {
    if (this.worker === null) this.send({ type: 'prepare' })
  }

  /** Begins with one of the first messages. @throws Error: a script is missing */
  async begin(message: Extract<ToAnalysis, { type: 'analyze' | 'open' }>): Promise<void> {
    globalThis.rtnvisDigests = new Promise((resolve) => {
      this.tellDigests = resolve
    })
    globalThis.rtnvisCaptures = new Promise((resolve) => {
      this.tellCaptures = resolve
    })
    this.database = new Promise((resolve) => {
      this.tellDatabase = resolve
    })
    const worker = await this.started()
    worker.postMessage(message)
  }

  /** Asks for what changed since the last time. */
  grow(): void {
    this.send({ type: 'grow' })
  }

  cancel(): void {
    this.send({ type: 'cancel' })
  }

  save(as: SavedAs, folder: string): void {
    this.send({ type: 'save', as, folder })
  }

  close(): void {
    this.worker?.then((worker) => worker.terminate()).catch(() => {})
    this.hasher?.terminate()
    clearTimeout(this.opening)
    this.worker = null
    this.current = null
    this.hasher = null
  }

  private started(): Promise<Worker> {
    this.worker ??= loadOnce('analysis').then(() => {
      const worker = workerOf(globalThis.rtnvisAnalysis)
      const tellGone = () => {
        if (this.current !== worker) return // closed by the page
        this.close()
        this.onmessage({ type: 'failed', message: GONE, during: 'analysis' })
      }
      worker.onmessage = ({ data }: MessageEvent<FromAnalysis>) => {
        if (data.type === 'lives') navigator.locks.request(data.lock, tellGone).catch(() => {})
        else this.take(data)
      }
      worker.onerror = tellGone
      this.current = worker
      return worker
    })
    this.worker.catch(() => {
      this.worker = null
    })
    return this.worker
  }

  /** Once the report is on the page: before, it would take processor time from reading and opening it. */
  private async hash(files: File[]): Promise<void> {
    await loadOnce('digest')
    const hasher = workerOf(globalThis.rtnvisDigest)
    this.hasher = hasher
    hasher.onmessage = ({ data }: MessageEvent<FromDigest>) => this.send({ type: 'digest', ...data })
    hasher.onerror = () => {
      for (const index of files.keys()) this.send({ type: 'digest', index, sha256: null })
    }
    hasher.postMessage({ files } satisfies ToDigest)
  }

  private send(message: ToAnalysis): void {
    this.started().then(
      (worker) => worker.postMessage(message),
      () => {}, // begin() reports it
    )
  }

  private take(message: Exclude<FromAnalysis, { type: 'lives' }>): void {
    if (message.type === 'wanted') {
      const { of } = message
      void loadData(of, (part) => this.send(part)).then((isThere) => {
        if (!isThere) this.send({ type: 'missing', of })
      })
      return
    }
    if (message.type === 'digests') {
      this.hasher?.terminate()
      this.tellDigests(message.digests)
      this.tellCaptures(this.captures)
      this.tellDatabase(message.database)
      return
    }
    if (message.type === 'done') {
      const { captures, isWhole } = message
      this.captures = captures
      if (isWhole && captures.length > 0)
        this.opening = window.setTimeout(() => {
          this.hash(captures).catch(() => {
            for (const index of captures.keys()) this.send({ type: 'digest', index, sha256: null })
          })
        }, OPENING_MS)
    }
    this.onmessage(message)
  }
}

const loaded = new Map<string, Promise<void>>()

function loadOnce(name: string): Promise<void> {
  let script = loaded.get(name)
  if (script === undefined) {
    script = loadScript(`analyzer/${name}.js`)
    script.catch(() => loaded.delete(name))
    loaded.set(name, script)
  }
  return script
}

function workerOf(code: unknown): Worker {
  const address = URL.createObjectURL(new Blob([`(${code})(self)`], { type: 'text/javascript' }))
  try {
    return new Worker(address)
  } finally {
    URL.revokeObjectURL(address)
  }
}
