// A report's facts, the user's choice and the files of its captures -> a pcapng file with the chosen packets, the same bytes as `rtnvis slice` writes.
import { CaptureError } from '../errors.ts'
import { formatBytes, formatPlural } from '../report/figures.ts'
import type { SliceFacts } from '../slice/facts.ts'
import { slice } from '../slice/index.ts'
import { describeDiffering, planSlice, sourceOf } from '../slice/plan.ts'
import type { Choice } from '../slice/select.ts'
import type { CaptureClaim } from '../verify/capture.ts'
import { digestOf } from './digest-of.ts'
import { reasonOf } from './file-stream.ts'
import { openFile } from './open-capture.ts'

export interface SavePackets {
  type: 'save-packets'
  facts: SliceFacts
  choice: Choice
  files: File[]
  /** The report was made from these files, in this order: their digests need not be compared. */
  areOriginal: boolean
}

export type PacketsSaved =
  | { type: 'packets'; file: Blob; summary: string }
  /** One sentence for the user. */
  | { type: 'packets-failed'; message: string }

/** Never throws. */
export async function savePackets(message: SavePackets, programVersion: string): Promise<PacketsSaved> {
  try {
    return await copied(message, programVersion)
  } catch (error) {
    return { type: 'packets-failed', message: error instanceof CaptureError ? error.message : `unexpected error: ${reasonOf(error)}` }
  }
}

async function copied({ facts, choice, files, areOriginal }: SavePackets, programVersion: string): Promise<PacketsSaved> {
  const source = sourceOf(facts, 'this report')
  const { selection, captures, isLive } = source
  const chosen = areOriginal || isLive ? files : await inOrder(captures, files)
  const names = chosen.map(({ name }) => name)
  const plan = planSlice(source, choice, names, { format: 'pcapng', keepsSecrets: false, programVersion })
  // Blobs: a browser may keep them on disk.
  let pieces: Blob[] = []
  const host = {
    open: () => Promise.all(chosen.map((file) => openFile(file, ''))),
    begin: () => {
      pieces = []
      return (bytes: Uint8Array) => void pieces.push(new Blob([bytes as Uint8Array<ArrayBuffer>]))
    },
    canReplace: true,
    isInterrupted: () => false,
  }
  const made = await slice(host, plan.wanted, plan.copied)
  if (made.differing > 0) throw new CaptureError(describeDiffering(made.differing, selection.flows))
  const summary = `${formatPlural(made.packets, 'packet')} (${formatBytes(made.bytes)}) of ${formatPlural(selection.flows, 'conversation')}`
  return { type: 'packets', file: new Blob(pieces, { type: 'application/x-pcapng' }), summary }
}

/** The files in the report's order, found by their digests. @throws CaptureError for a capture that is missing or another file */
async function inOrder(captures: CaptureClaim[], files: File[]): Promise<File[]> {
  const digests: string[] = []
  for (const file of files) {
    digests.push(
      await digestOf(file).catch((error) => {
        throw new CaptureError(`${file.name}: ${reasonOf(error)}`)
      }),
    )
  }
  return captures.map(({ file, sha256 }) => {
    // A capture that was not read to its end has no digest, only a name.
    const found = sha256 === null ? files.find(({ name }) => name === file) : files[digests.indexOf(sha256)]
    if (found !== undefined) return found
    if (captures.length === 1 && files.length === 1 && sha256 !== null)
      throw new CaptureError(`${files[0].name} is not the capture of this report: its SHA-256 differs`)
    const what = sha256 === null ? 'has this name' : 'has its SHA-256'
    throw new CaptureError(`${file} is not among the chosen files: none of them ${what}`)
  })
}
