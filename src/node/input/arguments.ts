// A name on the command line -> what it stands for.
import { stat } from 'node:fs/promises'
import type { Probe } from './probe.ts'

export interface Expanded {
  /** In the order in which they are captures of the report. */
  files: string[]
  /** Of files that had to be looked into; by path. */
  probes: Map<string, Probe>
  /** Of a report over one folder: the folder's name. */
  title: string | null
  /** What was passed over. */
  warnings: string[]
}

export interface Named {
  name: string
  kind: 'file' | 'folder' | 'pattern'
}

/** In a name that is no file's, these are those of a pattern. */
const MAGIC = /[*?[{]/

export async function kindOf(name: string): Promise<Named['kind']> {
  if (name === '-') return 'file'
  const status = await stat(name).catch(() => null)
  if (status !== null) return status.isDirectory() ? 'folder' : 'file'
  return MAGIC.test(name) ? 'pattern' : 'file'
}
