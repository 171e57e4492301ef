// The Health view: which servers, networks and hosts are slow or lossy, and when, by the TCP analysis. A row filters; each card has a table and CSV.
import { makeBarList, replaceBars } from '../../charts/bar-list.ts'
import { seek } from '../../model/clock.ts'
import type { HealthEntry, HealthReport } from '../../protocol/answers.ts'
import { onZone } from '../../session/session.ts'
import type { BuiltView, Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatCount, formatCounted, formatDuration, formatHostile } from '../../ui/format.ts'
import { Card, type CardTable } from '../dashboard/card.ts'
import { RatesCard } from '../dashboard/rates-card.ts'
import { whenShown } from '../dashboard/when-shown.ts'

/** Most rows of a chart; its table has more. */
const ROWS = 10

type CardName = Exclude<keyof HealthReport, 'conversations'>

interface CardText {
  title: string
  /** The first column of its table. */
  of: string
  value: string
  kind: 'time' | 'share'
  about: string
  none: string
  colour: string
}

const LOSS = 'Repeated segments as a share of those with data, of at least 20.'
const CARDS: Record<CardName, CardText> = {
  rtt: {
    ...{ title: 'Far servers', of: 'Server', value: 'Round-trip time', kind: 'time', colour: 'var(--located)' },
    about: 'From the capture to the server and back: the median of its conversations.',
    none: 'No handshake or answered data of a TCP conversation is in this capture.',
  },
  response: {
    ...{ title: 'Servers that think long', of: 'Server', value: 'Answer after', kind: 'time', colour: 'var(--located)' },
    about: 'From the last data of a request to the first of the answer: the median of its conversations.',
    none: 'No request with an answer is in this capture.',
  },
  tls: {
    ...{ title: 'Slow TLS handshakes', of: 'Server', value: 'TLS handshake', kind: 'time', colour: 'var(--located)' },
    about: 'From the ClientHello to the server’s Finished: the median of its conversations.',
    none: 'No TLS handshake over TCP is complete in this capture.',
  },
  dns: {
    ...{ title: 'Slow name servers', of: 'Name server', value: 'Answer after', kind: 'time', colour: 'var(--located)' },
    about: 'From a DNS question to its answer: the median. Where a question was repeated, from the first.',
    none: 'No DNS question with its answer is in this capture.',
  },
  loss: {
    ...{ title: 'Lossy hosts', of: 'Sender', value: 'Repeated', kind: 'share', colour: 'var(--unlocated)' },
    about: `${LOSS} A host repeats what the network lost.`,
    none: 'No host repeated a segment.',
  },
  closed: {
    ...{ title: 'Receivers without room', of: 'Receiver', value: 'Window closed for', kind: 'time', colour: 'var(--unlocated)' },
    about: 'Zero windows: the program of this host reads more slowly than data arrives.',
    none: 'No receiver closed its window.',
  },
  networkRtt: {
    ...{ title: 'Far networks (ASN)', of: 'Network', value: 'Round-trip time', kind: 'time', colour: 'var(--located)' },
    about: 'The median over the servers of a network.',
    none: 'No server has a known network. Analyze with an ASN database and a City database to see them.',
  },
  networkLoss: {
    ...{ title: 'Lossy networks (ASN)', of: 'Network', value: 'Repeated', kind: 'share', colour: 'var(--unlocated)' },
    about: LOSS,
    none: 'No segment to or from a server with a known network was repeated.',
  },
}

export function buildHealthView(panel: HTMLElement, player: Player): BuiltView {
  const { session, client, report } = player
  const summary = make('p', 'dashboard-summary')
  const cards = new Map((Object.keys(CARDS) as CardName[]).map((name) => [name, new Card(`health-${name}`, CARDS[name].title)]))
  const repeated = new RatesCard('retransmissions', 'Retransmissions over time', player, {
    seek: (us) => session.set({ clock: seek(session.state.clock, us) }),
    brush: (span) => session.set({ span }),
  })
  const grid = make('div', 'cards')
  grid.append(repeated.card.element, ...[...cards.values()].map(({ element }) => element))
  panel.classList.add('dashboard')
  const head = make('div', 'dashboard-tools')
  head.append(summary)
  panel.append(head, grid)

  const show = (health: HealthReport) => {
    const { span } = session.state
    const when = span
      ? `Flows seen in ${formatDuration(span.toUs - span.fromUs)} of ${formatDuration(report.timeline.durationUs)}`
      : 'Whole capture'
    summary.textContent = `${when} · ${formatCounted(health.conversations, 'TCP conversation')} analysed as in Wireshark`
    for (const [name, card] of cards) showCard(card, name, health[name])
  }

  const showCard = (card: Card, name: CardName, { entries, total }: HealthReport[CardName]) => {
    const { about, none, colour } = CARDS[name]
    const shown = entries.slice(0, ROWS)
    const press = (index: number) => session.narrow(entries[index].term)
    const bars = shown.map((entry) => ({
      label: formatHostile(entry.label, 60),
      detail: formatHostile(entry.detail, 60),
      code: '',
      value: entry.value,
      text: formatValue(name, entry),
      colour,
      hint: `Filter by ${entry.term}`,
      isPressed: session.isNarrowed(entry.term),
    }))
    replaceBars(card.body, shown.length > 0 ? makeBarList(bars, press) : make('p', 'none', none))
    card.show(() => tableOf(name, entries, press), shown.length > 0 ? about : '', total > 0 ? formatCount(total) : '')
  }

  const answers = whenShown(panel, summary, async (signal) => {
    const { filterText, span } = session.state
    const [answer] = await Promise.all([client.ask('health', { filterText, span }, signal), repeated.refresh(signal)])
    show(answer)
  })
  session.subscribe(answers.refresh, ['matching', 'span', 'grown'])
  onZone(session, answers.refresh)
  session.subscribe(({ clock }) => answers.isShown && repeated.showPosition(clock.positionUs), ['clock'])
  return {
    show() {
      repeated.layOut()
      answers.show()
    },
    hide: answers.hide,
    paint: () => repeated.paint(),
  }
}

function formatValue(name: CardName, { value }: HealthEntry): string {
  return CARDS[name].kind === 'time' ? formatDuration(value) : `${(value * 100).toFixed(1)} %`
}

function tableOf(name: CardName, entries: HealthEntry[], press: (row: number) => void): CardTable {
  const { of, value, kind } = CARDS[name]
  return {
    columns: [
      { title: of, isNumber: false },
      { title: 'Address', isNumber: false },
      { title: value, isNumber: true },
      { title: name === 'dns' ? 'Questions' : 'Conversations', isNumber: true },
      { title: 'Segments', isNumber: true },
      { title: 'Repeated', isNumber: true },
      { title: 'Zero windows', isNumber: true },
    ],
    rows: entries.map((entry) => [
      formatHostile(entry.label, 60),
      formatHostile(entry.detail, 60),
      formatValue(name, entry),
      ...[entry.flows, entry.segments, entry.repeated, entry.zeroWindows].map((count) => formatCount(count)),
    ]),
    cells: entries.map((entry) => [
      entry.label,
      entry.detail,
      kind === 'time' ? entry.value / 1e6 : Number(entry.value.toFixed(6)),
      ...[entry.flows, entry.segments, entry.repeated, entry.zeroWindows],
    ]),
    press,
  }
}
