// An arc of a whole picture -> its figures in words.
import type { ArcSlices } from '../model/arc-slices.ts'
import { formatBytes, formatCounted } from '../ui/format.ts'

/** "1.2 MB, 34 flows", with packets where the widths are packets. */
export function describeEntry({ whole }: ArcSlices, entry: number): string {
  if (!whole) return ''
  const { bytes, packets, flows, by } = whole
  const size = by === 'packets' ? formatCounted(packets[entry], 'packet') : formatBytes(bytes[entry])
  return `${size}, ${formatCounted(flows[entry], 'flow')}`
}
