// SHA-256 of the captures -> the open database, for the SQL console and for saving.
import type { Digest } from '../../../../src/browser/messages.ts'
import type { OpenReport } from '../data/report-state.ts'

export function fillDigests({ database }: OpenReport, digests: Digest[]): null {
  for (const { pending, sha256 } of digests) database.run('UPDATE captures SET sha256 = ? WHERE sha256 = ?', [sha256, pending])
  return null
}
