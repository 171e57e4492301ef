// The card of packet lengths: number of kept packets in each range of length.
import { makeBarList, replaceBars } from '../../charts/bar-list.ts'
import type { PacketSizes } from '../../protocol/answers.ts'
import { make } from '../../ui/dom.ts'
import { formatBytes, formatCount, formatShort } from '../../ui/format.ts'
import type { Card } from './card.ts'

/** `narrow` adds a term to the filter; `isNarrowed` returns whether the filter has it. */
export function showSizes(
  card: Card,
  { ranges, kept, packets }: PacketSizes,
  { narrow, isNarrowed }: { narrow(term: string): void; isNarrowed(term: string): boolean },
): void {
  const term = ({ from, to }: PacketSizes['ranges'][number]) => (to === null ? `length>=${from}` : `length:${from}..${to}`)
  const press = (index: number) => narrow(term(ranges[index]))
  const name = ({ from, to }: PacketSizes['ranges'][number]) =>
    to === null ? `${formatCount(from)} and more` : from === 0 ? `up to ${to}` : `${formatCount(from)} – ${formatCount(to)}`
  const counted = ranges.reduce((sum, range) => sum + range.packets, 0)
  replaceBars(
    card.body,
    counted > 0
      ? makeBarList(
          ranges.map((range) => ({
            label: name(range),
            detail: 'B',
            code: '',
            value: range.packets,
            text: formatShort(range.packets),
            colour: 'var(--located)',
            hint: `Filter by flows with such a packet: ${term(range)}`,
            isPressed: isNarrowed(term(range)),
          })),
          press,
        )
      : make(
          'p',
          'none',
          kept === 0
            ? 'This report has no packet rows (--max-packets none), so packet sizes are unknown.'
            : 'No kept packet in this selection.',
        ),
  )
  card.show(
    () => ({
      columns: [
        { title: 'Frame length in bytes', isNumber: false },
        { title: 'Packets', isNumber: true },
        { title: 'Bytes', isNumber: true },
      ],
      rows: ranges.map((range) => [name(range), formatCount(range.packets), formatBytes(range.bytes)]),
      cells: ranges.map((range) => [name(range), range.packets, range.bytes]),
      press,
    }),
    kept > 0 && kept < packets ? `Of the first ${formatCount(kept)} of ${formatCount(packets)} packets: the report keeps no more.` : '',
    '',
  )
}
