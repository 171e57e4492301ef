// Report -> report.html and report.md, and the index page over several, by ejs.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import ejs from 'ejs'
import type { Report } from '../../report/index.ts'
import * as pages from '../../report/pages.ts'
import { TEMPLATES } from '../paths.ts'

/** By name: compiling a template takes longer than filling it for a small report. */
const compiled = new Map<string, ejs.TemplateFunction>()

const templates: pages.Templates = {
  render(name, data, quote) {
    let fill = compiled.get(name)
    if (fill === undefined) {
      const text = readFileSync(new URL(name, TEMPLATES), 'utf8')
      // strict: no `with`, so a misspelt name is an error; rmWhitespace would change the Markdown.
      fill = ejs.compile(text, { strict: true, ...(quote && { escape: (text: unknown) => quote(String(text)) }) })
      compiled.set(name, fill)
    }
    return fill(data).trimStart()
  },
  style() {
    const style = readFileSync(new URL('page.css', TEMPLATES), 'utf8')
    return { style, styleHash: `sha256-${createHash('sha256').update(style).digest('base64')}` }
  },
}

/** `hasPlayer`: a player's index.html will lie beside the page, so it is linked. */
export function renderReport(report: Report, { hasPlayer = true }: { hasPlayer?: boolean } = {}): { html: string; md: string } {
  return pages.renderReport(templates, report, hasPlayer)
}

/** The page over the reports in the folders beside it, in the order given; a report without an entry is listed by its folder's name. */
export function renderIndex(reports: { folder: string; entry: pages.IndexEntry | null }[], links: pages.IndexLinks = {}): string {
  return pages.renderIndex(templates, reports, links)
}

/** The page shown instead of a report that cannot be opened. @param listHref of the list of all reports, null if there is none */
export function renderProblem(line: string, listHref: string | null): string {
  return pages.renderProblem(templates, line, listHref)
}
