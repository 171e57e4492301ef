// The page of one host: names and their sources, activity over time, peers, ports, location.

import { ownValue } from '../../../../src/own-value.ts'
import { placeName, type ReportPlace } from '../../model/report.ts'
import type { PlaceBound } from '../../protocol/answers.ts'
import type { HostDetail } from '../../protocol/messages.ts'
import type { Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDuration, formatHostile, formatInstant, formatMoment } from '../../ui/format.ts'
import { makeAlertList, makeFacts, makeHostLink, makeLink, makeSection, makeTable } from './parts.ts'
import { drawSmallMap } from './small-map.ts'

export function titleOfHost({ ip, name }: HostDetail): string {
  return name ? `${formatHostile(name, 120)} (${ip})` : ip
}

export function fillHostPage(body: HTMLElement, player: Player, host: HostDetail): void {
  const { session, report } = player
  const isAssumed = report.meta.origin_source === 'default'
  const left = make('div', 'column')
  const right = make('div', 'column')
  const where =
    host.place &&
    [
      formatHostile(placeName(host.place), 120),
      host.place.precision === 'country' ? '(only the country is known)' : '',
      host.place.precision === 'origin' ? `(${isAssumed ? 'assumed' : 'set'} as the origin of private addresses)` : '',
      host.accuracyKm === null ? '' : `within ${formatCount(host.accuracyKm)} km`,
    ]
      .filter(Boolean)
      .join(' ')
  left.append(
    makeSection(
      'Host',
      makeFacts([
        ['Address', host.ip],
        ['Scope', host.scope],
        ['Place', where ?? (host.scope === 'public' ? 'not located' : null)],
        ['Round-trip time', host.bound && describeBound(host.bound)],
        ['Network', host.asn === null ? null : formatHostile(`AS${host.asn} ${host.asName}`)],
        ['First seen', formatInstant(host.firstUs)],
        ['Last seen', `${formatInstant(host.lastUs)} (${formatDuration(host.lastUs - host.firstUs)})`],
        ['Sent', `${formatBytes(host.sentBytes)} in ${formatCounted(host.sentPackets, 'packet')}`],
        ['Received', `${formatBytes(host.receivedBytes)} in ${formatCounted(host.receivedPackets, 'packet')}`],
        ['Flows', makeLink(formatCount(host.flows), 'Show its flows', () => showFlows(player, `ip:${host.ip}`))],
      ]),
    ),
    makeSection('Who', makeIdentities(player, host)),
    makeSection('Activity', makeStrip(host, report.timeline.firstUs, report.timeline.durationUs)),
    makeSection(`Names (${formatCount(host.names.length)})`, makeNames(host)),
  )
  if (host.alerts.length > 0) left.prepend(makeSection('Alerts', makeAlertList(session, host.alerts)))
  const others = host.peers.map(({ place }) => place).filter((place) => place !== null)
  if (host.place) left.append(makeSection('Where', drawSmallMap(player, [host.place, ...others])))
  right.append(
    makeSection(
      `Peers (${formatCount(host.peerCount)})`,
      makeTable(
        [
          { title: 'Host' },
          { title: 'Country' },
          { title: 'Flows', isNumber: true },
          { title: 'Sent', isNumber: true },
          { title: 'Received', isNumber: true },
        ],
        host.peers.map((peer) => [
          makeHostLink(session, peer),
          makeCountry(peer.place),
          makeLink(formatCount(peer.flows), 'Show the flows between the two', () => showFlows(player, `ip:${host.ip} ip:${peer.ip}`)),
          formatBytes(peer.sent),
          formatBytes(peer.received),
        ]),
      ),
      makeRest(host.peers.length, host.peerCount, 'peers'),
    ),
    makeSection(
      `Ports (${formatCount(host.portCount)})`,
      makeTable(
        [
          { title: 'Port' },
          { title: 'Application' },
          { title: '' },
          { title: 'Flows', isNumber: true },
          { title: 'Bytes', isNumber: true },
        ],
        host.ports.map((port) => [
          port.port === null ? port.transport : `${port.port}/${port.transport}`,
          formatHostile(port.application, 40),
          port.isServed ? 'serves' : 'uses',
          formatCount(port.flows),
          formatBytes(port.bytes),
        ]),
      ),
      makeRest(host.ports.length, host.portCount, 'ports'),
    ),
  )
  body.append(left, right)
}

/** The code of the country, its name as a tooltip; empty for the origin, which nobody located. */
function makeCountry(place: ReportPlace | null): Node | string {
  if (!place?.countryCode || place.precision === 'origin') return ''
  const code = make('abbr', '', formatHostile(place.countryCode, 4))
  code.title = formatHostile(place.country ?? '', 60)
  return code
}

function showFlows({ session }: Player, filterText: string): void {
  session.filterBy(filterText)
  session.set({ view: 'flows', detail: null })
}

function makeRest(shown: number, total: number, what: string): string | Node {
  return shown < total
    ? make('p', 'quiet', `The ${formatCount(shown)} with most bytes; all ${formatCount(total)} ${what} are in the tables.`)
    : ''
}

/** Kinds of identities, as people call them. */
const KINDS: Record<string, string> = {
  role: 'Role',
  mac: 'Hardware address',
  vendor: 'Vendor',
  os: 'Operating system',
  'host-name': 'Host name',
  account: 'Account',
  machine: 'Machine account',
  'vendor-class': 'DHCP vendor class',
  'user-agent': 'User agent',
  'ssh-client': 'SSH client',
  'ssh-server': 'SSH server',
  ja4: 'JA4',
  certificate: 'Certificate (SHA-256)',
  file: 'Program sent (SHA-256)',
}

/** What the host says of itself; the frame opens the conversation that carried it. */
function makeIdentities({ session }: Player, { identities }: HostDetail): HTMLElement {
  if (identities.length === 0) return make('p', 'quiet', 'It says nothing of itself in clear text, and answers nothing that shows a role.')
  return makeTable(
    [{ title: 'What' }, { title: 'Value' }, { title: 'Read from' }, { title: 'Frame', isNumber: true }],
    identities.map(({ kind, value, source, flowId, frame }) => [
      ownValue(KINDS, kind) ?? formatHostile(kind, 20),
      make('bdi', '', formatHostile(value, 255)),
      formatHostile(source, 40),
      flowId === null || frame === null
        ? (frame ?? '')
        : makeLink(frame, 'Show the conversation', () => session.set({ detail: { kind: 'flow', id: flowId } })),
    ]),
  )
}

function makeNames(host: HostDetail): HTMLElement {
  if (host.names.length === 0) return make('p', 'quiet', 'No name of this host was seen on the wire.')
  return makeTable(
    [{ title: 'Name' }, { title: 'Read from' }, { title: 'Times', isNumber: true }, { title: 'First', isNumber: true }],
    [...host.names]
      .sort((a, b) => b.count - a.count)
      .slice(0, 100)
      .map(({ name, source, count, firstUs }) => [
        make('bdi', '', formatHostile(name, 255)),
        formatHostile(source, 20),
        formatCount(count),
        formatMoment(firstUs),
      ]),
  )
}

/** Bytes over time: sent bytes upwards, received bytes downwards, heights by square root; the caption says what the highest bar is. */
function makeStrip({ sent, received }: HostDetail, firstUs: number, durationUs: number): HTMLElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const bars = sent.length
  const most = Math.max(
    1,
    sent.reduce((a, b) => Math.max(a, b), 0),
    received.reduce((a, b) => Math.max(a, b), 0),
  )
  svg.setAttribute('viewBox', `0 0 ${bars} 60`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('class', 'strip')
  svg.setAttribute('role', 'img')
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
  svg.setAttribute(
    'aria-label',
    `Sent ${formatBytes(sum(sent))} upwards, received ${formatBytes(sum(received))} downwards, over the capture`,
  )
  for (let bar = 0; bar < bars; bar++)
    for (const [values, name] of [
      [sent, 'sent'],
      [received, 'received'],
    ] as const) {
      if (values[bar] === 0) continue
      const height = Math.max(1.5, Math.sqrt(values[bar] / most) * 29)
      const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
      rect.setAttribute('class', name)
      rect.setAttribute('x', String(bar + 0.1))
      rect.setAttribute('width', '0.8')
      rect.setAttribute('y', String(name === 'sent' ? 30 - height : 30))
      rect.setAttribute('height', String(height))
      svg.append(rect)
    }
  const figure = make('figure', 'strip-figure')
  const ends = make('figcaption')
  ends.append(
    make('span', '', formatMoment(firstUs)),
    make('span', 'strip-key', `sent ↑ · received ↓ · highest bar ${formatBytes(most)} in ${formatDuration(durationUs / bars)}`),
    make('span', '', formatMoment(firstUs + durationUs)),
  )
  figure.append(svg, ends)
  return figure
}

/** The shortest time to the host and back, how far light goes in it, and whether its place can be right. */
function describeBound({ rttUs, reachKm, leastKm, isImpossible }: PlaceBound): Node {
  const far = `at most ${formatCount(Math.ceil(reachKm))} km away`
  const text = make('span', '', `${formatDuration(rttUs)}: ${far}`)
  if (isImpossible && leastKm !== null)
    text.append(
      make(
        'b',
        'impossible',
        `Not there: at least ${formatCount(Math.floor(leastKm))} km by its address, ${far} by light in fibre. The place is wrong, or something nearer answers in its place (anycast, CDN, VPN, proxy).`,
      ),
    )
  else if (leastKm !== null) text.append(make('small', '', `its place is at least ${formatCount(Math.floor(leastKm))} km away`))
  return text
}
