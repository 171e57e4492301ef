// Requests that attack a server, and programs that come by HTTP.
import { expect, it } from 'vitest'
import { HttpExploits } from '../../src/detect/observe/http-exploits.ts'
import { mismatch, strangeContent } from '../attacks/oddities.ts'
import { written } from '../attacks/set.ts'
import {
  brokenPages,
  type Download,
  EXPLOITS,
  httpExploit,
  longPolling,
  programDownload,
  slowRequests,
  uploads,
  webDay,
  webScan,
  webShell,
} from '../attacks/web.ts'
import { World } from '../attacks/world.ts'
import { linesOf } from '../evaluate/findings.ts'
import { analyzeBytes, numberOf } from '../support/analysis.ts'

const findings = (act: (world: World) => void) => linesOf(act, 5, 900)

it.each(Object.keys(EXPLOITS))('%s is an attack', async (kind) => {
  const found = await findings((world) => httpExploit(world, 50, kind, 'outside', false))
  expect(found.filter((line) => line.includes('http-exploit'))).toEqual([expect.stringMatching(/^medium http-exploit .* 1 request with /)])
})

it.each(['put', 'form', 'split form'] as const)('a script that is uploaded by %s and called is a web shell', async (way) => {
  const found = await findings((world) => webShell(world, 50, way, 'outside'))
  expect(found.filter((line) => line.includes('http-exploit'))).toEqual([
    expect.stringMatching(/^medium http-exploit .* 1 request with a script that it had uploaded itself/),
  ])
})

it('pictures that are shown, and scripts that another calls, are none', async () => {
  expect((await findings(uploads)).filter((line) => !line.startsWith('info'))).toEqual([])
})

it.each(['kept', 'each'] as const)('a word list that is tried over connections that are %s', async (way) => {
  const found = await findings((world) => webScan(world, 50, 100, 50_000, way, 'outside'))
  expect(found.filter((line) => line.includes('web-scan'))).toEqual([
    expect.stringMatching(
      /^medium web-scan .* \(shop\.corp\.test\) for 98 pages that do not exist, in .* s, and found \/\w+20 and \/\w+60\.$/,
    ),
  ])
})

it.each([
  ['kept', 1],
  ['each', 100],
] as const)('all its conversations are named: %s, %i', async (way, conversations) => {
  const world = new World({ seed: 5, seconds: 900, loss: 0, isBehindNat: false })
  webScan(world, 50, 100, 50_000, way, 'outside')
  const database = await analyzeBytes(written(world.sorted()))
  expect(numberOf(database, "SELECT flows FROM alerts WHERE rule = 'web-scan'")).toBe(conversations)
  expect(
    numberOf(database, "SELECT count(DISTINCT flow_id) FROM alert_flows JOIN alerts a ON a.id = alert_id WHERE rule = 'web-scan'"),
  ).toBe(conversations)
  database.close()
})

it('thirty pages are a scan, twenty-nine are none', async () => {
  const scan = (words: number) => findings((world) => webScan(world, 50, words, 50_000, 'kept', 'inside'))
  expect((await scan(31)).some((line) => line.includes('for 30 pages'))).toBe(true)
  expect((await scan(30)).some((line) => line.includes('web-scan'))).toBe(false)
})

it('broken pages, a file asked for again and again, and a map with holes are none', async () => {
  expect((await findings(brokenPages)).filter((line) => !line.startsWith('info'))).toEqual([])
})

it.each(['head', 'body'] as const)('fifty requests whose %s does not end make a server wait, forty-nine do not', async (part) => {
  const hold = (connections: number) => findings((world) => slowRequests(world, 50, connections, 5, 1, part))
  expect((await hold(50)).filter((line) => line.includes('slow-requests'))).toEqual([
    expect.stringMatching(
      /^medium slow-requests \S+ kept 50 requests to 172\.16\.5\.10 port 80 open at once, for 31 s, without an end to any\.$/,
    ),
  ])
  expect((await hold(49)).some((line) => line.includes('slow-requests'))).toBe(false)
})

it('eighty pages that wait for news do not', async () => {
  expect((await findings(longPolling)).filter((line) => !line.startsWith('info'))).toEqual([])
})

it('a server that connects back makes it high', async () => {
  const found = await findings((world) => httpExploit(world, 50, 'log4shell in a field', 'outside', true))
  expect(found[0]).toMatch(/^high http-exploit .* \(Log4Shell\), and the server connected back/)
})

const download: Download = { program: 'ELF', target: '/bins/x86', contentType: 'application/octet-stream', isNamed: false, isSplit: false }
it.each<[string, Partial<Download>, string]>([
  ['from an address', {}, 'medium program-download .* 1 program for Linux'],
  ['a script', { program: 'script', target: '/a.sh', contentType: 'text/plain' }, 'medium program-download .* as a script'],
  ['with a name', { isNamed: true, program: 'PE', target: '/setup.exe' }, 'low program-download .* for Windows'],
  ['as a picture', { isNamed: true, program: 'PE', contentType: 'image/jpeg' }, 'medium program-download .* under the name or type'],
  ['a class file', { isNamed: true, program: 'class', target: '/X.class' }, 'medium program-download .* of Java'],
  ['whose body has a packet of its own', { isSplit: true, program: 'PE', isNamed: true, target: '/a.png' }, 'medium program-download'],
])('a program %s', async (_, part, expected) => {
  const found = await findings((world) => programDownload(world, 50, { ...download, ...part }))
  expect(found).toEqual([expect.stringMatching(expected)])
})

it('quotes, brackets, words of SQL and the first letters of a program in their right place are none', async () => {
  expect((await findings(webDay)).filter((line) => !line.startsWith('info'))).toEqual([])
})

it('a password behind the attack is not stored', () => {
  const observer = new HttpExploits()
  const bytes = new TextEncoder().encode("GET /login?user=admin'%20or%20'1'='1&password=hunter2 HTTP/1.1\r\nHost: a.example\r\n\r\n")
  observer.inspectRequest(1, bytes, 0, bytes.length, 5)
  const { rows } = observer.list
  expect(rows).toMatchObject([{ flow: 1, kind: 'sql', requests: 1 }])
  expect(JSON.stringify(rows)).not.toContain('hunter2')
})

it('a protocol of its own on a port of the web is said, also in one conversation', async () => {
  expect(await findings((world) => strangeContent(world, 50, 443, 1))).toEqual([
    expect.stringMatching(/^low strange-content .* spoke neither TLS nor HTTP on TCP port 443, 1 conversation\.$/),
  ])
})

it('TLS, HTTP, what is recognised by content, and what began before the capture are not', async () => {
  const found = await findings((world) => {
    const site = world.site()
    world.tcp(world.at(10), world.outward(world.clients[0], site, 443), world.tlsTurns(site.name, [{ up: 300, down: 900 }]))
    for (const kind of ['ssh on 443', 'http on 443', 'irc on 443'] as const) mismatch(world, 20, kind)
    // Without its first payload, behind the three packets of the handshake.
    const { length } = world.packets
    strangeContent(world, 60, 80, 1)
    world.packets.splice(length + 3, 1)
  })
  expect(found.filter((line) => line.includes('strange-content'))).toEqual([])
})
