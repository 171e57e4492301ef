// The page's side of an analysis: its two workers, made of the texts of functions, and the data they ask for.
import type { FromAnalysis, FromDigest, SavedAs, ToAnalysis, ToDigest } from '../../../src/browser/messages.ts'
import { loadData, loadScript } from './scripts.ts'

declare global {
  /** analyzer/analysis.js and analyzer/digest.js: workers as functions of the scope they speak through. */
  var rtnvisAnalysis: ((scope: unknown) => void) | undefined
  var rtnvisDigest: ((scope: unknown) => void) | undefined
}

const GONE =
  'The analysis ended without a word: this browser gave it no more memory. Analyse a part of the capture, or use the rtnvis program.'

export class AnalysisClient {
  onmessage: (message: FromAnalysis) => void = () => {}
  private worker: Worker | null = null
  private hasher: Worker | null = null

  /** Begins with one of the first messages; files are hashed beside it. @throws Error: a script is missing */
  async begin(message: Extract<ToAnalysis, { type: 'analyze' | 'open' }>): Promise<void> {
    this.close()
    await Promise.all([loadOnce('analysis'), loadOnce('digest')])
    this.worker = workerOf(globalThis.rtnvisAnalysis)
    this.worker.onmessage = ({ data }: MessageEvent<FromAnalysis>) => this.take(data)
    this.worker.onerror = () => this.onmessage({ type: 'failed', message: GONE, during: 'analysis' })
    if (message.type === 'analyze') this.hash(message.captures)
    this.send(message)
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
    this.worker?.terminate()
    this.hasher?.terminate()
    this.worker = null
    this.hasher = null
  }

  private hash(files: File[]): void {
    const hasher = workerOf(globalThis.rtnvisDigest)
    this.hasher = hasher
    hasher.onmessage = ({ data }: MessageEvent<FromDigest>) => this.send({ type: 'digest', ...data })
    hasher.onerror = () => {
      for (const index of files.keys()) this.send({ type: 'digest', index, sha256: null })
    }
    hasher.postMessage({ files } satisfies ToDigest)
  }

  private send(message: ToAnalysis): void {
    this.worker?.postMessage(message)
  }

  private take(message: FromAnalysis): void {
    if (message.type === 'wanted') {
      const { of } = message
      void loadData(of, (part) => this.send(part)).then((isThere) => {
        if (!isThere) this.send({ type: 'missing', of })
      })
      return
    }
    if (message.type === 'done') this.hasher?.terminate()
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
