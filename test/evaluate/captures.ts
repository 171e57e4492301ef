// Captures to be evaluated: a folder's, each with the labels beside it if there are any.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Labels } from '../attacks/label.ts'

export interface Evaluated {
  /** Path below the folder. */
  name: string
  bytes: Uint8Array
  /** Null: nobody knows what is in it. */
  labels: Labels | null
}

const CAPTURE = /\.(pcap|pcapng|cap|dmp)(\.(gz|zst))?$/i
export const LABELS = '.labels.json'

/** All captures below a folder, by name. */
export function* capturesIn(folder: string): Generator<Evaluated> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const known = new Set(files)
  for (const file of files) {
    if (!CAPTURE.test(file)) continue
    const labels = file.replace(CAPTURE, LABELS)
    yield {
      name: relative(folder, file),
      bytes: readFileSync(file),
      labels: known.has(labels) ? (JSON.parse(readFileSync(labels, 'utf8')) as Labels) : null,
    }
  }
}
