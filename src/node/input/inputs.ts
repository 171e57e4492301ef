// Names of captures -> CaptureSources. With several, each file is examined first: equal content is read once, and each file is opened when it is due.
import { basename } from 'node:path'
import { CaptureError, UsageError } from '../../errors.ts'
import type { CaptureSource, NotRead } from '../../types.ts'
import { type Expanded, kindOf, type Named } from './arguments.ts'
import { type Extent, openInput } from './input.ts'
import type { Probe } from './probe.ts'

export interface Inputs {
  /** The captures, before they are opened. */
  named: Promise<Expanded>
  sources: Promise<CaptureSource[]>
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Opens captures, all or none. Reading starts at once; errors are reported where the result is awaited.
 * @param names files, folders and patterns; - is standard input
 * @param extent `unhashed` for captures without digest
 * @param interrupt ends the wait for a pipe without data
 */
export function openInputs(names: string[], isRecursive: boolean, interrupt: AbortSignal, extent: Extent = 'all'): Inputs {
  const named = findFiles(names, isRecursive)
  const sources = named.then(({ files, probes }) => openAll(files, interrupt, { probes, extent }))
  sources.catch(() => {})
  return { named, sources }
}

/** Files, folders and patterns -> files. Code for several is loaded only if needed, so that reading a single file starts earlier. */
export async function findFiles(names: string[], isRecursive: boolean): Promise<Expanded> {
  const named = await Promise.all(names.map(async (name): Promise<Named> => ({ name, kind: await kindOf(name) })))
  if (named.every(({ kind }) => kind === 'file')) return { files: names, probes: new Map(), title: null, warnings: [] }
  const { expand } = await import('./expand.ts')
  return expand(named, isRecursive)
}

/** Further information about the files. */
export interface Known {
  probes?: Map<string, Probe>
  /** Names of the captures in the report, in the order of the files. */
  names?: string[]
  extent?: Extent
}

/** @throws CaptureError */
export async function openAll(
  files: string[],
  interrupt: AbortSignal,
  { probes, names, extent = 'all' }: Known = {},
): Promise<CaptureSource[]> {
  if (files.length === 1) return [await openInput(files[0], interrupt, extent)]
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('standard input (-) can be read once: name it once')
  const { probe } = await import('./probe.ts')
  const { SameContent } = await import('./same-content.ts')
  const known: (Probe | null)[] = []
  for (const file of files) known.push(file === '-' ? null : (probes?.get(file) ?? (await probe(file))))
  if (known.every((found) => found?.bytes === 0))
    throw new CaptureError(`all ${files.length} files are empty: give pcap or pcapng captures`)
  const sameAs = new SameContent()
  const sources: CaptureSource[] = []
  try {
    for (const [i, file] of files.entries()) {
      const found = known[i]
      if (found === null || found.bytes === null) sources.push(await openInput(file, interrupt, extent))
      else {
        const notRead = found.bytes === 0 ? { why: 'empty (0 bytes)', sha256: EMPTY_SHA256 } : await sameAs.find(found, names?.[i])
        sources.push(lateSource(found, extent, interrupt, notRead))
      }
    }
    return sources
  } catch (error) {
    for (const source of sources) await source.close()
    throw error
  }
}

/** Opened when the first chunk is requested. */
function lateSource(
  { path, bytes, compression, firstUs }: Probe,
  extent: Extent,
  interrupt: AbortSignal,
  notRead: NotRead | null,
): CaptureSource {
  let source: CaptureSource | null = null
  let bytesRead = notRead === null ? 0 : bytes!
  async function* chunks(): AsyncGenerator<Uint8Array> {
    source = await openInput(path, interrupt, extent)
    yield* source.chunks
  }
  return {
    file: basename(path),
    totalBytes: bytes,
    compression,
    // A capture without packets is read first.
    firstUs: firstUs ?? Number.NEGATIVE_INFINITY,
    ...(notRead && { notRead }),
    chunks: chunks(),
    isWaiting: () => source?.isWaiting?.() ?? false,
    bytesRead: () => source?.bytesRead() ?? bytesRead,
    finish: async (isInterrupted) => (await source?.finish(isInterrupted)) ?? { sha256: null, problem: '' },
    async close() {
      const opened = source
      bytesRead = opened?.bytesRead() ?? bytesRead
      source = null // and its read buffer
      await opened?.close()
    },
  }
}
