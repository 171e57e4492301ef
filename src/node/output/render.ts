// Report -> report.html and report.md, and the index page of several reports, with ejs. Pages have no scripts; their CSP allows only their own style.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import ejs from 'ejs'
import * as figures from '../../report/figures.ts'
import { mainTicks, type Report, TOP } from '../../report/index.ts'
import { toCode, toMarkdown } from '../../report/markdown.ts'
import * as wording from '../../report/wording.ts'
import { TEMPLATES } from '../paths.ts'

/** What the index page shows of a report; stored in report.html, so that the index needs no database. */
export interface IndexEntry {
  name: string
  firstUs: number | null
  durationUs: number | null
  packets: number
  bytes: number
  hosts: number
  countries: number
  alerts: number
  /** Most severe first; empty when they are not known. */
  severities: wording.SeverityCount[]
  /** Whether index.html, the player, is beside report.html. */
  hasPlayer: boolean
}

/** Most alerts in a page; the database has all. */
const ALERT_ROWS = 100

/** Functions for the templates. */
const f = { ...figures, ...wording, toCode, TOP, ALERT_ROWS }

/** `hasPlayer`: index.html will be beside the page, so that the page links to it. */
export function renderReport(raw: Report, { hasPlayer = true }: { hasPlayer?: boolean } = {}): { html: string; md: string } {
  const report = figures.printable({
    ...raw,
    spanUs: raw.timeline.length > 0 ? Math.ceil((mainTicks(raw) * raw.tickUs) / raw.timeline.length) : 0,
  })
  const { style, styleHash } = pageStyle()
  const entry = JSON.stringify(toEntry(report, hasPlayer))
  return {
    html: render('report.html.ejs', { report, style, styleHash, entry, playerHref: hasPlayer ? 'index.html' : null, f }),
    md: render('report.md.ejs', { report, f }, toMarkdown),
  }
}

/** The page that lists the reports in the given order; a report without an entry is listed by the name of its folder. */
export function renderIndex(reports: { folder: string; entry: IndexEntry | null }[]): string {
  const entries = reports.map(({ folder, entry }) => ({
    name: figures.toPrintable(entry?.name ?? folder),
    href: `./${encodeURIComponent(folder)}/`,
    entry,
  }))
  return render('index.html.ejs', { entries, ...pageStyle(), f })
}

/** The page shown instead of a report that cannot be opened. @param listHref of the list of all reports, null if there is none */
export function renderProblem(line: string, listHref: string | null): string {
  return render('problem.html.ejs', { line: figures.toPrintable(line), listHref, ...pageStyle() })
}

function toEntry(report: Report, hasPlayer: boolean): IndexEntry {
  const { reportName: name, firstUs, durationUs, packets, bytes, hosts, countryCount: countries, alerts } = report
  return {
    name,
    firstUs,
    durationUs,
    packets,
    bytes,
    hosts,
    countries,
    alerts: alerts.length,
    severities: wording.countSeverities(alerts),
    hasPlayer,
  }
}

/** The entry in the head of a report.html (its first 32 KiB are enough), or null if there is none. */
export function parseEntry(html: string): IndexEntry | null {
  const content = /<meta name="rtnvis-report" content="([^"]*)">/.exec(html)?.[1]
  if (content === undefined) return null
  const characters: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#34;': '"', '&#39;': "'" }
  try {
    const entry = JSON.parse(content.replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => characters[entity])) as IndexEntry
    const counts = [entry.packets, entry.bytes, entry.hosts, entry.countries, entry.alerts]
    const times = [entry.firstUs, entry.durationUs].filter((time) => time !== null)
    return typeof entry.name === 'string' && [...counts, ...times].every(Number.isFinite)
      ? { ...entry, severities: parseSeverities(entry.severities), hasPlayer: entry.hasPlayer === true }
      : null
  } catch {
    return null
  }
}

/** Earlier versions have no severities. */
function parseSeverities(counts: unknown): wording.SeverityCount[] {
  if (!Array.isArray(counts)) return []
  return wording.MOST_SEVERE_FIRST.flatMap((severity) => {
    const count: unknown = counts.find((known) => known?.severity === severity)?.count
    return typeof count === 'number' && Number.isFinite(count) ? [{ severity, count }] : []
  })
}

function render(name: string, data: ejs.Data, quote?: (text: string) => string): string {
  const file = new URL(name, TEMPLATES)
  // strict: no `with`, so a misspelt name is an error; rmWhitespace would change the Markdown.
  return ejs
    .render(readFileSync(file, 'utf8'), data, { strict: true, ...(quote && { escape: (text: unknown) => quote(String(text)) }) })
    .trimStart()
}

function pageStyle(): { style: string; styleHash: string } {
  const style = readFileSync(new URL('page.css', TEMPLATES), 'utf8')
  return { style, styleHash: `sha256-${createHash('sha256').update(style).digest('base64')}` }
}
