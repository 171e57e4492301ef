import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { renderIndex, renderReport } from '../../../src/node/output/render.ts'
import { type Report, summarize } from '../../../src/report/index.ts'
import { parseEntry } from '../../../src/report/pages.ts'
import { makeEmpty, makeOffice } from '../../support/database.ts'

const HOSTILE =
  '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>|`**x**`\n# [a](http://evil.example) \u001b[31m\u202e@all</style>&amp;<%= 1 %>'

let office: Report
let hostile: Report
let empty: Report
beforeAll(async () => {
  office = summarize(await makeOffice())
  hostile = summarize(await makeOffice(HOSTILE))
  empty = summarize(await makeEmpty())
})

/** Names and attributes of all tags, in order: what markup a page has, whatever its texts are. */
function markup(html: string): string[] {
  return (html.match(/<[a-z!/][^>]*>/g) ?? []).map((tag) => tag.replaceAll(/(content|width|height|aria-label)="[^"]*"/g, '$1'))
}

describe('report.html', () => {
  test('no script, nothing loaded, only its own style allowed', () => {
    const { html } = renderReport(office)
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|style=|<link(?! rel="icon" href="data:,")|src=/i)
    const style = /<style>(.*)<\/style>/s.exec(html)![1]
    const hash = createHash('sha256').update(style).digest('base64')
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'"`)
    expect(style).not.toContain('<')
    expect(html.startsWith('<!doctype html>')).toBe(true)
  })

  test('has the facts that a reader needs', () => {
    const { html } = renderReport(office)
    for (const text of [
      'Traffic reached 2 countries, led by France with 59.0 % of the bytes.',
      '2026-09-18 12:00:01.000 UTC to 2026-09-18 12:00:10.500 UTC (9.5 s)',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'GeoLite2-City, built 2026-09-01',
      'This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.',
      'Skipped: not IP: ARP',
      'a record cut short at byte 91234',
      'Nairobi, Kenya (1.286° S, 36.817° E), assumed, because nobody said where it was captured',
      'rounded to one decimal, halves up',
      '3 alerts: 2 high, 1 low',
      'contacts: 12 1/h (threshold 6)',
      'Find the program',
      'Related to the finding above.',
      'www.example.fr',
    ])
      expect(html).toContain(text)
  })

  test('text from the network changes no markup', () => {
    const { html } = renderReport(hostile)
    expect(markup(html)).toEqual(markup(renderReport(office).html))
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html).toContain('\\x1b[31m\\u202e@all')
    expect(html).not.toContain('\u202e')
  })

  test('an empty capture has a page too', () => {
    const { html } = renderReport(empty)
    expect(html).toContain('A valid capture without packets.')
    expect(html.replace(/<meta name="rtnvis-report".*/, '')).not.toMatch(/NaN|undefined|null|Infinity/)
  })

  test('links the player only if there is one', () => {
    expect(renderReport(office).html).toContain('href="index.html"')
    expect(renderReport(office, { hasPlayer: false }).html).not.toContain('href="index.html"')
  })

  test('the same report, the same bytes', () => {
    expect(renderReport(office)).toEqual(renderReport(structuredClone(office)))
  })
})

describe('report.md', () => {
  test('tables keep their shape and text from the network stays text', () => {
    const { md } = renderReport(hostile)
    const shape = (text: string) => text.split('\n').map((line) => line.replaceAll(/[^|]/g, '').length)
    expect(shape(md)).toEqual(shape(renderReport(office).md))
    // With the code spans gone, nothing of it is left.
    expect(md.replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/img|script|evil|@all|\*\*|\p{Cc}(?<!\n)|\p{Cf}/u)
  })

  test('has the facts that a reader needs', () => {
    const { md } = renderReport(office)
    for (const line of [
      '# Traffic report: office',
      '| France | 1 | 1 | 50 | 59 kB | 59.0 % |',
      '| `92.1.1.1` | `www.example.fr` | Paris, France | – | 50 | 50 kB | 9 kB |',
      '| Skipped: not IP: ARP | 9 | 8.2 % |',
      '  - SHA-256: `e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`',
      '- This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.',
    ])
      expect(md.split('\n')).toContain(line)
  })

  test('an empty capture', () => {
    const { md } = renderReport(empty)
    expect(md).toContain('This capture contains no packets.')
    expect(md).not.toMatch(/NaN|undefined|null|Infinity/)
  })
})

describe('the index page', () => {
  test('lists the reports, read back from their own pages', () => {
    const reports = [
      { folder: 'office', entry: parseEntry(renderReport(office).html)! },
      { folder: 'a b/<c>', entry: parseEntry(renderReport(hostile, { hasPlayer: false }).html)! },
    ]
    expect(reports[0].entry).toEqual({
      name: 'office',
      firstUs: 1_789_732_801_000_000,
      durationUs: 9_500_000,
      packets: 110,
      bytes: 100_600,
      hosts: 6,
      countries: 2,
      alerts: 3,
      severities: [
        { severity: 'high', count: 2 },
        { severity: 'low', count: 1 },
      ],
      hasPlayer: true,
      bars: [100, 0, 0, 0, 0, 0, 0, 0, 0, 100],
      // Paris, Berlin, Germany: as d3-geo's geoNaturalEarth1 projects them; 59, 9 and 8 kB.
      circles: [
        [364, 74, 15],
        [383, 66, 6],
        [377, 69, 6],
      ],
    })
    const html = renderIndex([...reports, { folder: 'bare', entry: null }])
    expect(html).toContain('<a href="./office/index.html">office</a>')
    expect(html).toContain('<span class="severity high">2 high</span>')
    expect(html).toContain('<a href="./bare/index.html">bare</a>')
    expect(html).toContain('<a href="./office/index.html">globe</a> <a href="./office/report.html">report</a>')
    expect(html).toContain('<a href="./a%20b%2F%3Cc%3E/report.html">report</a>')
    expect(html).toContain('<circle cx="364" cy="74" r="23"/>')
    expect(html).not.toMatch(/<img|<script/)
  })

  test('pictures of a page that was tampered with are left out', () => {
    const entry = (values: object) => {
      const text = JSON.stringify({ ...parseEntry(renderReport(office).html)!, ...values }).replaceAll('"', '&#34;')
      return parseEntry(`<meta name="rtnvis-report" content="${text}">`)!
    }
    const none = { bars: [], circles: [] }
    expect(entry({ bars: ['1"><script>'], circles: [[1, 2]] })).toMatchObject(none)
    expect(entry({ bars: new Array(41).fill(1), circles: new Array(31).fill([1, 2, 3]) })).toMatchObject(none)
    expect(entry({ bars: null, circles: { length: 1 } })).toMatchObject(none)
  })

  test('without reports', () => {
    expect(renderIndex([])).toContain('No report yet.')
  })

  test.each([
    ['another page', '<html><title>x</title>'],
    ['not JSON', '<meta name="rtnvis-report" content="x">'],
    ['other fields', '<meta name="rtnvis-report" content="{&#34;name&#34;:1}">'],
    ['null', '<meta name="rtnvis-report" content="null">'],
  ])('%s has no entry', (_name, html) => {
    expect(parseEntry(html)).toBeNull()
  })
})
