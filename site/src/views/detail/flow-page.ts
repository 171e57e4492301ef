// The page of one flow: both hosts, its connection state in words, its packets as a ladder diagram.

import { describeState } from '../../model/conn-states.ts'
import { placeName } from '../../model/report.ts'
import { makeSaveButton } from '../../packets/save-dialog.ts'
import type { FlowDetail } from '../../protocol/messages.ts'
import type { Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatCounted, formatDuration, formatHostile, formatInstant } from '../../ui/format.ts'
import { makeAlertList, makeFacts, makeHostLink, makeSection, makeTable } from './parts.ts'
import { drawSmallMap } from './small-map.ts'
import { formatTcpFlags } from './tcp-flags.ts'
import { makeTcpHealth } from './tcp-health.ts'

export function titleOfFlow({ client, server, serverPort, serverName }: FlowDetail): string {
  return formatHostile(
    `${client.name || client.ip} → ${serverName || server.name || server.ip}${serverPort === null ? '' : `:${serverPort}`}`,
    160,
  )
}

export function fillFlowPage(body: HTMLElement, player: Player, flow: FlowDetail): void {
  const { session, client } = player
  const port = (value: number | null) => (value === null ? '' : ` port ${value}`)
  const end = (who: 'client' | 'server') => {
    const span = make('span')
    span.append(makeHostLink(session, flow[who]), port(who === 'client' ? flow.clientPort : flow.serverPort))
    const place = who === 'client' ? flow.clientPlace : flow.serverPlace
    if (place) span.append(make('small', '', place.precision === 'origin' ? 'at the origin' : placeName(place)))
    return span
  }
  const state = describeState(flow.transport, flow.state)
  const left = make('div', 'column')
  left.append(
    makeSection(
      'Conversation',
      makeFacts([
        ['Client', end('client')],
        ['Server', end('server')],
        [
          'Application',
          flow.application &&
            `${formatHostile(flow.application, 40)} over ${flow.transport}${flow.applicationSource ? ` (known by ${flow.applicationSource})` : ''}`,
        ],
        ['Transport', flow.application ? null : flow.transport],
        [
          'Server name',
          flow.serverName &&
            `${formatHostile(flow.serverName, 300)}${flow.serverNameSource ? ` (read from ${flow.serverNameSource})` : ''}`,
        ],
        ['JA4', flow.ja4 && formatHostile(flow.ja4)],
        ['Tunnel', flow.tunnel && formatHostile(flow.tunnel)],
        ['Community ID', flow.communityId && formatHostile(flow.communityId)],
        ['First packet', withFrame(formatInstant(flow.firstUs), flow.firstFrame)],
        ['Last packet', withFrame(`${formatInstant(flow.lastUs)} (${formatDuration(flow.lastUs - flow.firstUs)})`, flow.lastFrame)],
        ['Sent by the client', `${formatBytes(flow.clientBytes)} in ${formatCounted(flow.clientPackets, 'packet')}`],
        ['Sent by the server', `${formatBytes(flow.serverBytes)} in ${formatCounted(flow.serverPackets, 'packet')}`],
      ]),
    ),
    makeSection(`State ${formatHostile(flow.state, 20)}`, make('p', '', state || 'A state this page has no words for.')),
  )
  if (flow.tcp !== null) left.append(makeTcpHealth(flow.tcp, flow.transport))
  if (flow.alerts.length > 0) left.append(makeSection('Alerts', makeAlertList(session, flow.alerts)))
  if (flow.questions.length > 0)
    left.append(
      makeSection(
        'DNS questions',
        makeTable(
          [{ title: 'Name' }, { title: 'Type' }, { title: 'Answer' }, { title: 'After' }, { title: 'Answers' }],
          flow.questions.map(({ name, type, code, answers, answerUs }) => [
            formatHostile(name, 200),
            formatHostile(type, 20),
            code === null ? 'no answer seen' : formatHostile(code, 20),
            answerUs === null ? '' : formatDuration(answerUs),
            formatHostile(answers ?? '', 300),
          ]),
        ),
      ),
    )
  const places = [flow.clientPlace, flow.serverPlace].filter((place) => place !== null)
  if (places.length > 0) left.append(makeSection('Where', drawSmallMap(player, places)))
  const right = make('div', 'column')
  const save = makeSaveButton(client, () => ({ alerts: [], flows: [flow.id] }))
  right.append(makeSection('Packets', ...makeLadder(flow), save))
  body.append(left, right)
}

/** "..., frame 1234": what Wireshark's "Go to packet" takes. */
function withFrame(text: string, frame: string | null): string {
  return frame === null ? text : `${text}, frame ${formatHostile(frame, 80)}`
}

/** One line for each packet: its frame number, its time, an arrow in its direction, its length and flags. */
function makeLadder(flow: FlowDetail): Node[] {
  const { packets, packetsKept } = flow
  const total = flow.clientPackets + flow.serverPackets
  if (packets.length === 0)
    return [
      make(
        'p',
        'quiet',
        `${total === 1 ? 'Its packet is not' : `None of its ${formatCount(total)} packets is`} in this report: it keeps the first packets of a capture (analyze --max-packets). The totals count all of them.`,
      ),
    ]
  const ends = make('div', 'ladder-ends')
  ends.append(make('span', 'frame', 'Frame'), make('span', 'time', 'Time'), make('span', '', 'Client'), make('span', '', 'Server'))
  const list = make('ol', 'ladder')
  const longest = packets.reduce((most, { bytes }) => Math.max(most, bytes), 1)
  packets.forEach(({ atUs, isFromClient, bytes, tcpFlags, frame }, index) => {
    const item = make('li', isFromClient ? 'from-client' : 'from-server')
    const before = packets[index - 1]?.atUs ?? flow.firstUs
    const words = [tcpFlags === null ? '' : formatTcpFlags(tcpFlags), formatBytes(bytes)].filter(Boolean).join(' · ')
    const arrow = make('span', 'arrow')
    arrow.append(make('span', 'unseen', isFromClient ? 'client to server: ' : 'server to client: '), make('span', 'words', words))
    arrow.style.setProperty('--weight', String(1 + 2 * Math.sqrt(bytes / longest)))
    const time = make('span', 'time', `+${formatDuration(atUs - flow.firstUs)}`)
    if (frame !== null) item.title = `Frame ${formatHostile(frame, 80)}`
    if (atUs - before > 1e6) item.classList.add('pause')
    const number = make('span', 'frame', frame === null ? '' : formatHostile(frame.split(' ')[0], 12))
    item.append(number, time, arrow)
    list.append(item)
  })
  const left = total - packets.length
  const nodes: Node[] = [ends, list]
  if (left > 0)
    nodes.push(
      make(
        'p',
        'quiet',
        `${formatCount(left)} more ${left === 1 ? 'packet is' : 'packets are'} not shown: ${packetsKept > packets.length ? `this page shows the first ${formatCount(packets.length)}; the SQL view has ${formatCount(packetsKept)}` : 'the report keeps only the first packets of a capture'}.`,
      ),
    )
  return nodes
}
