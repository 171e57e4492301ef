import { describe, expect, test } from 'vitest'
import { icmp, ipv4, type Layer, raw, sctp, tcp, udp } from '../support/build.ts'
import { findIn } from '../support/findings.ts'

const SCANNER = '10.0.0.5'
const VICTIM = '10.0.9.1'
type Packets = [number, Layer][]
const count = (n: number) => Array.from({ length: n }, (_, i) => i)
const there = (port: number, flags: string, source = SCANNER, target = VICTIM, from = 40_000) =>
  ipv4(source, target, tcp(from, port, flags))
const back = (port: number, flags: string, source = SCANNER, target = VICTIM, from = 40_000) => ipv4(target, source, tcp(port, from, flags))

describe('port scans', () => {
  test('fifteen closed ports are one, fourteen are none', async () => {
    const scan = (ports: number): Packets =>
      count(ports).flatMap(
        (i): Packets => [
          [i, there(1 + i, 'S')],
          [i + 0.1, back(1 + i, 'RA')],
        ],
      )
    expect((await findIn(scan(15))).lines).toEqual([`medium port-scan ${SCANNER} ${VICTIM}`])
    expect((await findIn(scan(14))).lines).toEqual([])
  })

  test('a hundred ports from inside are high, from outside medium; what was found open is named', async () => {
    const scan = (source: string): Packets => [
      ...count(100).map((i): [number, Layer] => [i / 100, there(1000 + i, 'S', source)]),
      [2, there(22, 'S', source)],
      [2.01, back(22, 'SA', source)],
      [2.02, there(22, 'R', source)],
    ]
    const inside = await findIn(scan(SCANNER))
    expect(inside.lines).toEqual([`high port-scan ${SCANNER} ${VICTIM}`])
    expect(inside.alerts[0].finding.title).toContain('tried 101 ports')
    expect(inside.alerts[0].finding.title).toContain('found 22 open')
    expect(inside.alerts[0].finding.flows.count).toBe(101)
    expect(inside.alerts[0].finding.observed[0]).toEqual({ name: 'ports tried in vain', value: 101, unit: '', threshold: 15 })
    expect((await findIn(scan('198.51.100.7'))).lines).toEqual([`medium port-scan 198.51.100.7 ${VICTIM}`])
  })

  test.each([
    ['NULL', ''],
    ['FIN', 'F'],
    ['XMAS', 'FPU'],
    ['ACK', 'A'],
    ['Maimon', 'FA'],
  ])('%s probes', async (name, flags) => {
    const { lines, alerts } = await findIn(count(20).map((i) => [i / 10, there(100 + i, flags)]))
    expect(lines).toEqual([`medium port-scan ${SCANNER} ${VICTIM}`])
    expect(alerts[0].finding.title).toContain(`by ${name} probes`)
  })

  test('SCTP chunks that are refused or not answered; associations that are made are none', async () => {
    const init = sctp(40_000, 1, 0, new Uint8Array(20))
    const probes = (answer: (port: number) => Layer | null): Packets =>
      count(20).flatMap((i): Packets => {
        const back = answer(2900 + i)
        return [
          [i, ipv4(SCANNER, VICTIM, sctp(40_000, 2900 + i, 0, init.bytes.slice(12)))],
          ...(back ? [[i + 0.1, back] as [number, Layer]] : []),
        ]
      })
    const { lines, alerts } = await findIn(probes((port) => ipv4(VICTIM, SCANNER, sctp(port, 40_000, 1, new Uint8Array(4)))))
    expect(lines).toEqual([`medium port-scan ${SCANNER} ${VICTIM}`])
    expect(alerts[0].finding.title).toBe(`${SCANNER} tried 20 ports of ${VICTIM} by SCTP probes in 19 s.`)
    expect((await findIn(probes(() => null))).lines).toEqual(lines)
    expect((await findIn(probes((port) => ipv4(VICTIM, SCANNER, sctp(port, 40_000, 1, new Uint8Array(200)))))).lines).toEqual([])
  })

  test('eight IP protocols are a scan, seven are none', async () => {
    const scan = (protocols: number): Packets =>
      count(protocols).map((i): [number, Layer] => [i, ipv4(SCANNER, VICTIM, raw(100 + i, new Uint8Array(8)))])
    const { lines, alerts } = await findIn(scan(8))
    expect(lines).toEqual([`medium protocol-scan ${SCANNER} ${VICTIM}`])
    expect(alerts[0].finding.title).toBe(`${SCANNER} tried 8 IP protocols of ${VICTIM} in 7 s.`)
    expect((await findIn(scan(7))).lines).toEqual([])
  })

  test('UDP without answers, but not what traceroute sends', async () => {
    const probe = (port: number) => ipv4(SCANNER, VICTIM, udp(50_000, port, 'x'))
    expect((await findIn(count(20).map((i) => [i, probe(500 + i)]))).lines).toEqual([`medium port-scan ${SCANNER} ${VICTIM}`])
    expect((await findIn(count(20).map((i) => [i, probe(33_434 + i)]))).lines).toEqual([])
  })

  test('slow ones, one try in ten minutes; not when pauses are longer than the memory', async () => {
    const scan = (pause: number): Packets => count(16).map((i) => [i * pause, there(1 + i, 'S')])
    expect((await findIn(scan(600))).lines).toContain(`medium port-scan ${SCANNER} ${VICTIM}`)
    expect((await findIn(scan(1000))).lines).toEqual([])
  })

  test('ten ports within a second, once each, are enough; asked again and again they are a client', async () => {
    const fast = (pause: number, times: number): Packets =>
      count(10).flatMap((i) => count(times).map((j): [number, Layer] => [i * pause + j, there(100 + i, 'S')]))
    expect((await findIn(fast(0.00002, 1))).lines).toEqual([`medium port-scan ${SCANNER} ${VICTIM}`])
    expect((await findIn(fast(0.5, 1))).lines).toEqual([])
    expect((await findIn(fast(0.00002, 3))).lines).toEqual([])
  })

  test('group and broadcast addresses are no victims, those of a local network neither', async () => {
    for (const target of ['255.255.255.255', '239.1.2.3', '10.0.9.255']) {
      const answers: Packets = count(20).map((i) => [i / 10, ipv4(SCANNER, target, udp(5560, 50_000 + i, 'x'))])
      expect((await findIn(answers)).lines).toEqual([])
    }
  })

  test('a server that looks after clients which have gone acknowledges from its port to theirs', async () => {
    const stale: Packets = count(40).flatMap(
      (i): Packets => [
        [i, ipv4(SCANNER, VICTIM, tcp(443, 50_000 + i, 'A'))],
        [i + 0.01, ipv4(VICTIM, SCANNER, tcp(50_000 + i, 443, 'R'))],
      ],
    )
    expect((await findIn(stale)).lines).toEqual([])
  })

  test('the victim of forged packets, whose answers arrive here, is not blamed, and neither is the receiver', async () => {
    const backscatter: Packets = count(60).flatMap(
      (i): Packets => [
        [i / 10, ipv4('203.0.113.9', SCANNER, tcp(80, 1000 + i, 'SA'))],
        [i / 10 + 0.01, ipv4('203.0.113.9', SCANNER, tcp(443, 3000 + i, 'RA'))],
      ],
    )
    expect((await findIn(backscatter)).lines).toEqual([])
  })

  test('connections that carry data are none, however many ports', async () => {
    const talk: Packets = count(40).flatMap(
      (i): Packets => [
        [i, there(2000 + i, 'S')],
        [i + 0.1, back(2000 + i, 'SA')],
        [i + 0.2, there(2000 + i, 'A')],
        [i + 0.3, there(2000 + i, 'PA')],
        [i + 0.4, back(2000 + i, 'FPA')],
        [i + 0.5, there(2000 + i, 'FA')],
      ],
    )
    expect((await findIn(talk)).lines).toEqual([])
  })
})

describe('sweeps', () => {
  test('one port on twenty-five hosts', async () => {
    const sweep = (hosts: number): Packets => count(hosts).map((i) => [i, there(445, 'S', SCANNER, `10.0.8.${1 + i}`)])
    const { lines, alerts } = await findIn(sweep(25))
    expect(lines).toEqual([`medium sweep ${SCANNER} -`])
    expect(alerts[0].finding.title).toContain('TCP port 445 on 25 hosts')
    expect((await findIn(sweep(24))).lines).toEqual([])
  })

  test('many ports on many hosts are one finding, not one a host', async () => {
    const scan: Packets = count(10).flatMap((host) =>
      count(20).map((port): [number, Layer] => [host, there(port + 1, 'S', SCANNER, `10.0.8.${1 + host}`)]),
    )
    const { lines, alerts } = await findIn(scan)
    expect(lines).toEqual([`medium sweep ${SCANNER} -`])
    expect(alerts[0].finding.title).toContain('20 TCP ports on 10 hosts')
  })

  test('ten hosts within a second; eight in two hours from outside, but not from inside', async () => {
    const tries = (hosts: number, pause: number, source: string): Packets =>
      count(hosts).map((i) => [i * pause, there(23, 'S', source, `10.0.8.${1 + i}`)])
    expect((await findIn(tries(10, 0.001, SCANNER))).lines).toEqual([`medium sweep ${SCANNER} -`])
    expect((await findIn(tries(9, 0.001, SCANNER))).lines).toEqual([])
    expect((await findIn(tries(8, 1000, '198.51.100.7'))).lines).toContain('medium sweep 198.51.100.7 -')
    expect((await findIn(tries(7, 1000, '198.51.100.7'))).lines.filter((line) => line.includes('sweep'))).toEqual([])
    expect((await findIn(tries(8, 1000, SCANNER))).lines.filter((line) => line.includes('sweep'))).toEqual([])
  })

  test('a laptop that wakes up acknowledges old connections, each from a port of its own', async () => {
    const stale: Packets = count(40).map((i) => [i / 100, ipv4(SCANNER, `198.51.100.${i}`, tcp(50_000 + i, 443, 'A'))])
    expect((await findIn(stale)).lines).toEqual([])
  })

  test('pings to thirty hosts', async () => {
    expect((await findIn(count(30).map((i) => [i, ipv4(SCANNER, `10.0.8.${1 + i}`, icmp(8, 0))]))).lines).toEqual([
      `low sweep ${SCANNER} -`,
    ])
  })

  test('peers that let most others in are none', async () => {
    const peers: Packets = count(90).flatMap((i): Packets => {
      const host = `198.51.100.${1 + i}`
      const open: Packets = [[i, there(6881, 'S', SCANNER, host)]]
      if (i % 3 === 1) return open
      return [
        ...open,
        [i + 0.1, back(6881, 'SA', SCANNER, host)],
        [i + 0.2, there(6881, 'PA', SCANNER, host)],
        [i + 0.3, back(6881, 'PA', SCANNER, host)],
      ]
    })
    expect((await findIn(peers)).lines.filter((line) => line.includes('sweep'))).toEqual([])
  })
})

describe('floods of segments that belong to no connection', () => {
  /** @param begun in each second @param ports of the target */
  const segments = (flags: string, begun: number, seconds: number, ports = 1): Packets =>
    count(begun * seconds).flatMap((i): Packets => {
      const [port, from] = [80 + (i % ports), 1024 + i]
      return [
        [i / begun, there(port, flags, SCANNER, VICTIM, from)],
        [i / begun + 0.0001, back(port, 'R', SCANNER, VICTIM, from)],
      ]
    })

  test.each([['A'], ['FPU'], ['PA']])('%s to one port', async (flags) => {
    const { lines, alerts } = await findIn(segments(flags, 600, 3))
    expect(lines).toEqual([`medium flood ${SCANNER} ${VICTIM}`])
    expect(alerts[0].finding.title).toContain('TCP segments of no connection (port 80)')
  })

  test('fewer a second, a scan of many ports, and connections captured from their middle on are none', async () => {
    expect((await findIn(segments('A', 400, 3))).lines).toEqual([])
    expect((await findIn(segments('F', 1000, 2, 1500))).lines.filter((line) => line.includes('flood'))).toEqual([])
    expect((await findIn(segments('A', 2000, 1).filter((_, i) => i % 2 === 0))).lines).toEqual([])
  })
})
