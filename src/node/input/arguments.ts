// A name on the command line -> what it refers to.
import { stat } from 'node:fs/promises'
import type { Probe } from './probe.ts'

export interface Expanded {
  /** Captures in the order of the report. */
  files: string[]
  /** By path: the files that have been examined. */
  probes: Map<string, Probe>
  /** For a report of one folder: the folder's name. */
  title: string | null
  /** About skipped files. */
  warnings: string[]
}

export interface Named {
  name: string
  kind: 'file' | 'folder' | 'pattern'
}

/** Characters of a pattern, unless a file has this name. */
const MAGIC = /[*?[{]/

export async function kindOf(name: string): Promise<Named['kind']> {
  if (name === '-') return 'file'
  const status = await stat(name).catch(() => null)
  if (status !== null) return status.isDirectory() ? 'folder' : 'file'
  return MAGIC.test(name) ? 'pattern' : 'file'
}
