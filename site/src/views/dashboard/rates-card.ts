// Cards with a time axis: stacked traffic, new flows, retransmissions. A drag selects a span, a click moves playback there.
import { isoTime } from '../../../../src/iso-time.ts'
import { stackSeries } from '../../charts/stacks.ts'
import { TimeChart } from '../../charts/time-chart.ts'
import type { TimeSeries } from '../../charts/time-data.ts'
import type { TimeSpan } from '../../model/selection.ts'
import type { Rates } from '../../protocol/answers.ts'
import type { Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatBitRate, formatBytes, formatCount, formatInstant, formatRate } from '../../ui/format.ts'
import { COLOUR_COUNT, colourOf, colourSlots } from '../../ui/palette.ts'
import { Card, type CardTable } from './card.ts'

export interface RatesEvents {
  /** Microseconds since the capture's first packet. */
  seek(us: number): void
  brush(span: TimeSpan | null): void
}

/** Most bars of a card. */
const BINS = 160
const HEIGHT = 190

/** What a card shows of the rates. */
interface RatesKind {
  isWide: boolean
  seriesCount: number
  format(value: number): string
  series(rates: Rates, player: Player): TimeSeries[]
  /** Columns after the time. */
  columns: string[]
  /** Numbers of a slice. @returns texts, and the same as numbers */
  row(rates: Rates, bin: number): { texts: string[]; numbers: number[] }
  /** Said where there is nothing. */
  none: string
}

const KINDS = {
  rates: {
    ...{ isWide: true, seriesCount: COLOUR_COUNT, format: formatBitRate, none: '' },
    series: (rates, { report, theme }) =>
      stackSeries(rates, 'application', 'bits', report.applications, colourSlots(report.applications), theme()),
    columns: ['Bits/s', 'Packets/s', 'Bytes', 'Packets'],
    row({ binUs, ...rates }, bin) {
      const sum = (values: Float64Array) =>
        values.subarray(bin * rates.series, (bin + 1) * rates.series).reduce((total, value) => total + value, 0)
      const [bytes, packets] = [sum(rates.bytes), sum(rates.packets)]
      const numbers = [(bytes * 8e6) / binUs, (packets * 1e6) / binUs, bytes, packets]
      return { texts: [formatBitRate(numbers[0]), formatRate(numbers[1], 'packets'), formatBytes(bytes), formatCount(packets)], numbers }
    },
  },
  'new-flows': {
    ...{ isWide: false, seriesCount: 1, format: (value: number) => formatRate(value, 'flows'), none: '' },
    series: ({ newFlows, binUs }, { theme }) => [
      { name: 'New flows', colour: colourOf(theme(), 0), values: newFlows.map((flows) => (flows * 1e6) / binUs) },
    ],
    columns: ['New flows', 'New flows/s'],
    row({ newFlows, binUs }, bin) {
      const numbers = [newFlows[bin], (newFlows[bin] * 1e6) / binUs]
      return { texts: [formatCount(numbers[0]), formatRate(numbers[1], 'flows')], numbers }
    },
  },
  retransmissions: {
    // The axis has no half segments.
    ...{ isWide: true, seriesCount: 1, format: (value: number) => (Number.isInteger(value) ? formatCount(value) : '') },
    none: 'No segment was repeated.',
    // The colour of the lane on the timeline and of lossy hosts.
    series: ({ retransmissions }, { theme }) => [{ name: 'Retransmissions', colour: colourOf(theme(), 1), values: retransmissions }],
    columns: ['Retransmissions'],
    row: ({ retransmissions }, bin) => ({ texts: [formatCount(retransmissions[bin])], numbers: [retransmissions[bin]] }),
  },
} satisfies Record<string, RatesKind>

export class RatesCard {
  readonly card: Card
  readonly events: RatesEvents
  readonly #player: Player
  readonly #plot = make('div')
  readonly #chart: TimeChart
  readonly #kind: RatesKind
  latest: Rates | null = null

  constructor(id: keyof typeof KINDS, title: string, player: Player, events: RatesEvents) {
    this.card = new Card(id, title)
    this.#kind = KINDS[id]
    this.card.element.classList.toggle('wide', this.#kind.isWide)
    this.#player = player
    this.events = events
    const { firstUs } = player.report.timeline
    this.card.body.append(this.#plot)
    this.#chart = new TimeChart(
      this.#plot,
      {
        hasValueAxis: true,
        hasWheel: false,
        isRooted: false,
        height: HEIGHT,
        format: this.#kind.format,
        click: (us) => events.seek(us - firstUs),
        brush: ({ fromUs, toUs }, isDone) => {
          const span = { fromUs: fromUs - firstUs, toUs: toUs - firstUs }
          if (isDone) events.brush(span)
          else this.#chart.showSpan({ fromUs, toUs })
        },
      },
      this.#kind.seriesCount,
    )
  }

  layOut(): void {
    this.#chart.layOut()
  }

  paint(): void {
    if (this.latest) this.show(this.latest)
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const { filterText, span } = this.#player.session.state
    this.show(await this.#player.client.ask('rates', { filterText, span, bins: BINS, by: 'application' }, signal))
  }

  show(rates: Rates | null): void {
    this.latest = rates
    if (!rates) return
    const { startUs, binUs, bins } = rates
    this.#chart.setWhole({ fromUs: startUs, toUs: startUs + Math.max(1, bins) * binUs })
    const series = this.#kind.series(rates, this.#player)
    this.#chart.setData({ startUs, binUs, bins, series })
    const isNothing = this.#kind.none !== '' && series.every(({ values }) => Array.from(values).every((value) => value === 0))
    this.#plot.hidden = isNothing
    this.card.show(() => this.#table(rates), isNothing ? this.#kind.none : '', '')
  }

  showPosition(us: number): void {
    this.#chart.showPosition(this.#player.report.timeline.firstUs + us)
  }

  #table(rates: Rates): CardTable {
    const { startUs, binUs, bins } = rates
    const slices = Array.from({ length: bins }, (_, bin) => ({ us: startUs + bin * binUs, ...this.#kind.row(rates, bin) }))
    return {
      columns: ['From', ...this.#kind.columns].map((title, index) => ({ title, isNumber: index > 0 })),
      rows: slices.map(({ us, texts }) => [formatInstant(us), ...texts]),
      cells: slices.map(({ us, numbers }) => [isoTime(Math.floor(us)), ...numbers]),
      press: (row) => {
        const fromUs = startUs - this.#player.report.timeline.firstUs + row * binUs
        this.events.brush({ fromUs, toUs: fromUs + binUs })
      },
    }
  }
}
