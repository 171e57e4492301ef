// Cards with a time axis: stacked traffic, and new flows. A drag selects a span, a click moves playback there.
import { isoTime } from '../../../../src/iso-time.ts'
import { stackSeries } from '../../charts/stacks.ts'
import { TimeChart } from '../../charts/time-chart.ts'
import type { TimeSpan } from '../../model/selection.ts'
import type { Rates } from '../../protocol/answers.ts'
import type { Player } from '../../session/view.ts'
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

export class RatesCard {
  readonly card: Card
  readonly events: RatesEvents
  readonly #player: Player
  readonly #chart: TimeChart
  readonly #kind: 'rates' | 'new-flows'
  latest: Rates | null = null

  constructor(id: 'rates' | 'new-flows', title: string, player: Player, events: RatesEvents) {
    this.card = new Card(id, title)
    this.#kind = id
    this.card.element.classList.toggle('wide', id === 'rates')
    this.#player = player
    this.events = events
    const { firstUs } = player.report.timeline
    this.#chart = new TimeChart(
      this.card.body,
      {
        hasValueAxis: true,
        hasWheel: false,
        isRooted: false,
        height: HEIGHT,
        format: id === 'rates' ? formatBitRate : (value) => formatRate(value, 'flows'),
        click: (us) => events.seek(us - firstUs),
        brush: ({ fromUs, toUs }, isDone) => {
          const span = { fromUs: fromUs - firstUs, toUs: toUs - firstUs }
          if (isDone) events.brush(span)
          else this.#chart.showSpan({ fromUs, toUs })
        },
      },
      id === 'rates' ? COLOUR_COUNT : 1,
    )
  }

  layOut(): void {
    this.#chart.layOut()
  }

  paint(): void {
    if (this.latest) this.#draw()
  }

  async refresh(signal: AbortSignal): Promise<void> {
    const { filterText, span } = this.#player.session.state
    this.latest = await this.#player.client.ask('rates', { filterText, span, bins: BINS, by: 'application' }, signal)
    this.#draw()
  }

  showNewFlows(rates: Rates | null): void {
    this.latest = rates
    if (rates) this.#draw()
  }

  showPosition(us: number): void {
    this.#chart.showPosition(this.#player.report.timeline.firstUs + us)
  }

  #draw(): void {
    const rates = this.latest!
    const { startUs, binUs, bins } = rates
    const seconds = binUs / 1e6
    this.#chart.setWhole({ fromUs: startUs, toUs: startUs + Math.max(1, bins) * binUs })
    const { applications } = this.#player.report
    const isRates = this.#kind === 'rates'
    const series = isRates
      ? stackSeries(rates, 'application', 'bits', applications, colourSlots(applications), this.#player.theme())
      : [{ name: 'New flows', colour: colourOf(this.#player.theme(), 0), values: rates.newFlows.map((flows) => flows / seconds) }]
    this.#chart.setData({ startUs, binUs, bins, series })
    this.card.show(() => (isRates ? this.#ratesTable(rates) : this.#newFlowsTable(rates)), '', '')
  }

  #press = (row: number) => {
    const { startUs, binUs } = this.latest!
    const fromUs = startUs - this.#player.report.timeline.firstUs + row * binUs
    this.events.brush({ fromUs, toUs: fromUs + binUs })
  }

  #ratesTable({ startUs, binUs, bins, series, bytes, packets }: Rates): CardTable {
    const sums = Array.from({ length: bins }, (_, bin) => {
      const sum = (values: Float64Array) => values.subarray(bin * series, (bin + 1) * series).reduce((total, value) => total + value, 0)
      return { us: startUs + bin * binUs, bytes: sum(bytes), packets: sum(packets) }
    })
    return {
      columns: ['From', 'Bits/s', 'Packets/s', 'Bytes', 'Packets'].map((title, index) => ({ title, isNumber: index > 0 })),
      rows: sums.map((sum) => [
        formatInstant(sum.us),
        formatBitRate((sum.bytes * 8e6) / binUs),
        formatRate((sum.packets * 1e6) / binUs, 'packets'),
        formatBytes(sum.bytes),
        formatCount(sum.packets),
      ]),
      cells: sums.map((sum) => [
        isoTime(Math.floor(sum.us)),
        (sum.bytes * 8e6) / binUs,
        (sum.packets * 1e6) / binUs,
        sum.bytes,
        sum.packets,
      ]),
      press: this.#press,
    }
  }

  #newFlowsTable({ startUs, binUs, bins, newFlows }: Rates): CardTable {
    const rows = Array.from({ length: bins }, (_, bin) => ({ us: startUs + bin * binUs, flows: newFlows[bin] }))
    return {
      columns: ['From', 'New flows', 'New flows/s'].map((title, index) => ({ title, isNumber: index > 0 })),
      rows: rows.map(({ us, flows }) => [formatInstant(us), formatCount(flows), formatRate((flows * 1e6) / binUs, 'flows')]),
      cells: rows.map(({ us, flows }) => [isoTime(Math.floor(us)), flows, (flows * 1e6) / binUs]),
      press: this.#press,
    }
  }
}
