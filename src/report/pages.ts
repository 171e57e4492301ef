// Report -> report.html, report.md and the index page of several reports, by templates. Pages have no script; their policy allows only their own style.

import * as figures from './figures.ts'
import * as incidentWording from './incident-summary.ts'
import { mainTicks, type Report, TOP } from './index.ts'
import { LAND, SPHERE } from './land.ts'
import { toCode, toMarkdown, toMarkdownSentence } from './markdown.ts'
import { storyOf } from './story.ts'
import * as wording from './wording.ts'
import { MAP_SIZE, worldMapOf } from './world-map.ts'

/** Provided by the platform: the templates beside this file. */
export interface Templates {
  /** @param quote for what "<%=" prints, the same for all calls with a name; default: HTML */
  render(name: string, data: Record<string, unknown>, quote?: (text: string) => string): string
  style(): PageStyle
}

/** page.css, and its hash as the pages' policy names it: sha256-... in base64. */
interface PageStyle {
  style: string
  styleHash: string
}

/** What the index page lists of a report; written into report.html, so the index is made without opening databases. */
export interface IndexEntry {
  name: string
  firstUs: number | null
  durationUs: number | null
  packets: number
  bytes: number
  hosts: number
  countries: number
  alerts: number
  /** The most severe first; empty where it is not known. */
  severities: wording.SeverityCount[]
  /** There is an index.html, the player, next to report.html. */
  hasPlayer: boolean
  /** Bytes over time, 0 to 100 of the busiest span each; empty where it is not known. */
  bars: number[]
  /** Places by bytes on the map of world-map.ts: x, y, radius. */
  circles: [x: number, y: number, radius: number][]
}

export interface IndexLinks {
  /** The page that makes new reports. */
  analyzerHref?: string
  /** The list of the reports of single captures. */
  capturesHref?: string
  /** And the way back. */
  spansHref?: string
}

/** Of an entry's small pictures. */
const MAX_BARS = 40
const MAX_CIRCLES = 30

/** Alerts listed on a page; the database has them all. */
const ALERT_ROWS = 100

/** What the templates may call. */
const f = { ...figures, ...wording, ...incidentWording, toCode, toMarkdownSentence, TOP, ALERT_ROWS }

/** `hasPlayer`: there will be a player's index.html next to the page, so it is linked. */
export function renderReport(templates: Templates, raw: Report, hasPlayer: boolean): { html: string; md: string } {
  const report = figures.printable({
    ...raw,
    spanUs: raw.timeline.length > 0 ? Math.ceil((mainTicks(raw) * raw.tickUs) / raw.timeline.length) : 0,
  })
  const sentences = storyOf(figures.printable(raw)).map(({ text }) => text)
  const { style, styleHash } = templates.style()
  const entry = JSON.stringify(toEntry(report, hasPlayer))
  return {
    html: templates.render('report.html.ejs', {
      report,
      sentences,
      map: worldMapOf(report.places),
      size: MAP_SIZE,
      style,
      styleHash,
      entry,
      playerHref: hasPlayer ? 'index.html' : null,
      f,
    }),
    md: templates.render('report.md.ejs', { report, sentences, f }, toMarkdown),
  }
}

/** The page over the reports in the folders beside it, in the order given; a report without an entry is listed by its folder's name. */
export function renderIndex(
  templates: Templates,
  reports: { folder: string; entry: IndexEntry | null }[],
  { analyzerHref, capturesHref, spansHref }: IndexLinks,
): string {
  const entries = reports.map(({ folder, entry }) => ({
    name: figures.toPrintable(entry?.name ?? folder),
    href: `./${encodeURIComponent(folder)}/`,
    entry,
  }))
  const links = { analyzerHref: analyzerHref ?? null, capturesHref: capturesHref ?? null, spansHref: spansHref ?? null }
  return templates.render('index.html.ejs', { entries, ...links, land: LAND, sphere: SPHERE, size: MAP_SIZE, ...templates.style(), f })
}

/** The page in the place of a report that cannot be shown. @param listHref of the list of all reports, null where there is none */
export function renderProblem(templates: Templates, line: string, listHref: string | null): string {
  return templates.render('problem.html.ejs', { line: figures.toPrintable(line), listHref, ...templates.style() })
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
    bars: barsOf(report.timeline),
    circles: circlesOf(report),
  }
}

/** The highest of the bars that fall on one is its height. */
function barsOf(timeline: readonly number[]): number[] {
  const bars = new Array<number>(Math.min(timeline.length, MAX_BARS)).fill(0)
  const peak = Math.max(...timeline, 1)
  for (const [i, bytes] of timeline.entries()) {
    const bar = Math.floor((i * bars.length) / timeline.length)
    bars[bar] = Math.max(bars[bar], Math.round((100 * bytes) / peak))
  }
  return bars
}

function circlesOf({ places }: Report): IndexEntry['circles'] {
  const circles = worldMapOf(places)?.circles.filter(({ isOrigin }) => !isOrigin) ?? []
  return circles.slice(0, MAX_CIRCLES).map(({ x, y, radius }) => [Math.round(x), Math.round(y), Math.round(radius)])
}

/** The entry in the head of a report.html (its first 32 KiB are enough), or null if it is not one of ours. */
export function parseEntry(html: string): IndexEntry | null {
  const content = /<meta name="rtnvis-report" content="([^"]*)">/.exec(html)?.[1]
  if (content === undefined) return null
  const characters: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#34;': '"', '&#39;': "'" }
  try {
    const entry = JSON.parse(content.replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => characters[entity])) as IndexEntry
    const counts = [entry.packets, entry.bytes, entry.hosts, entry.countries, entry.alerts]
    const times = [entry.firstUs, entry.durationUs].filter((time) => time !== null)
    return typeof entry.name === 'string' && [...counts, ...times].every(Number.isFinite)
      ? {
          ...entry,
          severities: parseSeverities(entry.severities),
          hasPlayer: entry.hasPlayer === true,
          bars: parseNumbers(entry.bars, MAX_BARS),
          circles: parseCircles(entry.circles),
        }
      : null
  } catch {
    return null
  }
}

/** Reports of earlier versions have no severities. */
function parseSeverities(counts: unknown): wording.SeverityCount[] {
  if (!Array.isArray(counts)) return []
  return wording.MOST_SEVERE_FIRST.flatMap((severity) => {
    const count: unknown = counts.find((known) => known?.severity === severity)?.count
    return typeof count === 'number' && Number.isFinite(count) ? [{ severity, count }] : []
  })
}

/** Reports of earlier versions have neither bars nor circles. */
function parseNumbers(values: unknown, most: number): number[] {
  return Array.isArray(values) && values.length <= most && values.every(Number.isFinite) ? (values as number[]) : []
}

function parseCircles(circles: unknown): IndexEntry['circles'] {
  if (!Array.isArray(circles) || circles.length > MAX_CIRCLES) return []
  const parsed = circles.map((circle) => parseNumbers(circle, 3))
  return parsed.every(({ length }) => length === 3) ? (parsed as IndexEntry['circles']) : []
}
