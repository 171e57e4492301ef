// The database as another SQLite sees it: the sqlite3 command, which shares no byte with sql.js.
import { spawnSync } from 'node:child_process'

/** Runs SQL, answers rows as the command prints them: columns joined by |, a line per row. */
export function sqlite3(file: string, sql: string): string {
  const run = spawnSync('sqlite3', ['-readonly', file, sql], { encoding: 'utf8', maxBuffer: 64 << 20 })
  if (run.error) throw new Error(`the sqlite3 command is needed: run npm run test:setup (${run.error.message})`)
  if (run.status !== 0) throw new Error(run.stderr)
  return run.stdout
}
