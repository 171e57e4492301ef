// The demo's capture -> its report and a lake, by the command line. Needs dist/ (npm run build:src).
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const CLI = join(ROOT, 'dist/node/cli.js')

/** Adds a report to a lake. */
export function exportLake(report: string, lake: string, ...options: string[]): void {
  execFileSync(process.execPath, [CLI, 'export', report, '--to', 'parquet', '-o', lake, '-q', ...options])
}

/** The report is `folder`/demo, without its page. */
export function makeDemoLake(folder: string, lake: string, sensor: string): void {
  const report = join(folder, 'demo')
  execFileSync(process.execPath, [CLI, 'analyze', join(ROOT, 'fixtures/demo/input.pcapng'), '-o', report, '-q', '--no-site'])
  exportLake(report, lake, '--sensor', sensor)
}
