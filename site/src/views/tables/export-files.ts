// The menu items that export the rows of a table that pass the filter.
import type { Column } from '../../model/table-columns.ts'
import type { FileFormat, ListQuestion } from '../../protocol/messages.ts'
import type { Player } from '../../session/view.ts'
import { announce, download } from '../../ui/dom.ts'
import type { MenuItem } from '../../ui/menu.ts'

const TYPES: Record<FileFormat, string> = {
  csv: 'text/csv;charset=utf-8',
  json: 'application/json',
  geojson: 'application/geo+json',
}

export function fileItems(player: Player, list: ListQuestion, columns: readonly Column[]): MenuItem[] {
  const save = async (format: FileFormat) => {
    const name = `${fileStem(player.report.meta.report_name ?? '')}-${list.table}.${format}`
    const content = await player.client.ask('file', { list, columns: columns.map(({ id }) => id), format })
    download(name, TYPES[format], content)
    announce(`Saved ${name}`)
  }
  const item = (format: FileFormat, label: string): MenuItem => ({ label, run: () => void save(format) })
  return [
    item('csv', 'CSV: the columns shown'),
    item('json', 'JSON: all columns'),
    ...(list.table === 'flows' || list.table === 'hosts' ? [item('geojson', 'GeoJSON: places on a map')] : []),
  ]
}

/** A report's name as the start of a file name. */
export function fileStem(name: string): string {
  return (name || 'rtnvis').replace(/[^\w.-]+/g, '-').slice(0, 60) || 'rtnvis'
}
