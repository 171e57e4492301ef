// Labelled names: generated.txt and legitimate.txt of a folder, a name a line. The files are not part of this project.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { domainOf } from '../../src/detect/methods/domains.ts'

export interface LabelledName {
  name: string
  label: string
  suffix: string
  isGenerated: boolean
  /** Names that one generator may have made: same suffix, kind of characters and length. */
  group: string
}

export function readCorpus(folder: string): LabelledName[] {
  const read = (file: string, isGenerated: boolean): LabelledName[] =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => describe(line.trim().toLowerCase(), isGenerated))
  return [...read('generated.txt', true), ...read('legitimate.txt', false)]
}

function describe(name: string, isGenerated: boolean): LabelledName {
  const domain = domainOf(name)
  const label = domain?.label ?? ''
  const suffix = domain?.suffix ?? ''
  const kind = /^[a-z]+$/.test(label) ? 'letters' : /^[0-9a-f]+$/.test(label) ? 'hex' : /^[a-z0-9]+$/.test(label) ? 'digits' : 'dashes'
  return { name, label, suffix, isGenerated, group: isGenerated ? `${suffix} ${kind} ${label.length}` : label }
}

/** 0 to `folds` - 1, the same for the same text. */
export function foldOf(text: string, folds: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return ((hash ^ (hash >>> 13)) >>> 0) % folds
}
