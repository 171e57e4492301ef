// What is printed while several reports are made: a line each, or with --json an object each (JSON Lines).
import { basename } from 'node:path'
import { escapeJson, formatPlural, toPrintable } from '../../report/figures.ts'
import type { Report } from '../../report/index.ts'
import { alertsLabel } from '../../report/wording.ts'
import { print, say } from './terminal.ts'

export class ReportLines {
  private readonly options: { quiet: boolean; json: boolean }
  private readonly warned = new Set<string>()

  constructor(options: { quiet: boolean; json: boolean }) {
    this.options = options
  }

  /** Warnings that hold for all captures are said once. */
  warn(warnings: string[]): void {
    if (this.options.quiet) return
    for (const warning of warnings) if (!this.warned.has(warning)) say(warning)
    for (const warning of warnings) this.warned.add(warning)
  }

  /** @param source in JSON: what the report was made of */
  async made(source: Record<string, unknown>, folder: string, report: Report): Promise<void> {
    if (!this.options.quiet) {
      const facts = `${formatPlural(report.packets, 'packet')}, ${formatPlural(report.hosts, 'host')}. ${alertsLabel(report.alerts)}`
      process.stderr.write(`${toPrintable(`${folder}: ${facts}`)}\n`)
    }
    if (this.options.json) await printLine({ ...source, folder, report })
  }

  /** @param message may have the capture's name without its folders */
  async failed(capture: string, message: string): Promise<void> {
    const name = basename(capture)
    const error = message.startsWith(name) ? capture + message.slice(name.length) : message
    say(error)
    if (this.options.json) await printLine({ capture, error })
  }
}

function printLine(value: unknown): Promise<void> {
  return print(`${escapeJson(JSON.stringify(value))}\n`)
}
