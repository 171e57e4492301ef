// The page of a station without IP: who it is, and its peers with protocol, packets, times and first frame.
import type { StationDetail } from '../../protocol/messages.ts'
import type { Session } from '../../session/session.ts'
import type { Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDuration, formatHostile, formatInstant, formatMoment } from '../../ui/format.ts'
import { makeFacts, makeHostLink, makeLink, makeSection, makeTable } from './parts.ts'

export function titleOfStation({ mac, vendor }: StationDetail): string {
  return vendor ? `${mac} (${formatHostile(vendor, 120)})` : mac
}

export function fillStationPage(body: HTMLElement, { session }: Player, station: StationDetail): void {
  const hosts = make('span')
  for (const host of station.hosts) hosts.append(makeHostLink(session, host), ' ')
  const facts = makeFacts([
    ['MAC address', station.mac],
    [station.isGroup ? 'Group' : 'Vendor', station.vendor ? formatHostile(station.vendor, 120) : null],
    ['Addresses by ARP', station.claims.length > 0 ? formatHostile(station.claims.join(', '), 200) : null],
    ['Hosts with this address', station.hosts.length > 0 ? hosts : null],
    ['First seen', formatInstant(station.firstUs)],
    ['Last seen', `${formatInstant(station.lastUs)} (${formatDuration(station.lastUs - station.firstUs)})`],
    ['Sent', `${formatBytes(station.sentBytes)} in ${formatCounted(station.sentPackets, 'packet')}`],
    ['Received', `${formatBytes(station.receivedBytes)} in ${formatCounted(station.receivedPackets, 'packet')}`],
  ])
  const peers = makeTable(
    [
      { title: 'Peer' },
      { title: '' },
      { title: 'Protocol' },
      { title: 'Packets', isNumber: true },
      { title: 'Bytes', isNumber: true },
      { title: 'First' },
      { title: 'Last' },
      { title: 'Frame', isNumber: true },
    ],
    station.peers.map(({ mac, vendor, isSender, protocol, packets, bytes, firstUs, lastUs, frame }) => [
      mac === '' ? 'not told' : makePeer(session, mac, vendor),
      isSender ? 'to' : 'from',
      formatHostile(protocol, 60),
      formatCount(packets),
      formatBytes(bytes),
      formatMoment(firstUs),
      formatMoment(lastUs),
      frame === null ? '' : formatHostile(frame, 80),
    ]),
  )
  const { peers: shown, peerCount } = station
  const rest = make('p', 'quiet', `The ${formatCount(shown.length)} with most bytes; SQL has all ${formatCount(peerCount)} (link_traffic).`)
  const frames = makeSection(`Frames without IP (${formatCount(peerCount)})`, peers, shown.length < peerCount ? rest : '')
  frames.classList.add('whole')
  body.append(makeSection('Station without IP', facts), frames)
}

/** Address and vendor; a press opens its page. */
function makePeer(session: Session, mac: string, vendor: string): HTMLElement {
  const peer = make('span', 'host-link')
  peer.append(makeLink(mac, `Open the page of ${mac}`, () => session.set({ detail: { kind: 'station', mac } })))
  if (vendor) peer.append(make('small', '', formatHostile(vendor, 60)))
  return peer
}
