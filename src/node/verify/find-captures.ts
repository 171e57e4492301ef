// Captures named in a report -> files: by digest among the given files, then by name, then files of that name near the report.
import { basename } from 'node:path'
import type { CaptureClaim } from '../../verify/capture.ts'
import { filesNamed, placesNear } from '../input/named-files.ts'
import { type ReadFacts, readFacts } from './recount-file.ts'

/** A capture file that was read, and its path. */
export interface Found {
  path: string
  facts: ReadFacts
}

export interface Search {
  /** By capture of the report; null: not found. */
  found: (Found | null)[]
  /** Given files that are no capture of this report. */
  unmatched: Found[]
  /** By capture of the report: a file of its name near the report with another digest, "" for none. */
  namesakes: string[]
}

/** Digests are compared first: two captures may have the same name, and one file may be given for two captures. */
export async function findCaptures(claims: CaptureClaim[], given: Found[], folder: string): Promise<Search> {
  const byDigest = (claim: CaptureClaim) => {
    const same = given.filter(({ facts }) => facts.sha256 === claim.sha256)
    return same.find(({ path }) => basename(path) === claim.file) ?? same[0] ?? null
  }
  const found: (Found | null)[] = claims.map(byDigest)
  const left = given.filter((file) => !found.includes(file) && !found.some((other) => other?.facts.sha256 === file.facts.sha256))
  const take = (index: number): Found | null => (index < 0 ? null : left.splice(index, 1)[0])
  const namesakes: string[] = claims.map(() => '')
  for (const [i, claim] of claims.entries()) found[i] ??= take(left.findIndex(({ path }) => basename(path) === claim.file))
  if (claims.length === 1 && left.length === 1) found[0] ??= take(0)
  for (const [i, claim] of claims.entries()) {
    if (found[i]) continue
    for (const path of await filesNamed(claim.file, placesNear(folder))) {
      const facts = await readFacts(path)
      // A capture that was not read to its end has no digest, only a name.
      if (claim.sha256 === null || facts.sha256 === claim.sha256) found[i] ??= { path, facts }
      else namesakes[i] ||= path
    }
  }
  return { found, unmatched: left, namesakes }
}
