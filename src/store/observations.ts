// Observations -> rows of the table observations.
import { columnName, KEPT, KEPT_CHARACTERS, KEPT_KINDS, type KeptEntry, type KeptField } from '../detect/observe/kept.ts'
import type { Observations } from '../detect/observe/observations.ts'
import { RowWriter } from '../sqlite/row-writer.ts'
import type { SqlDatabase } from '../types.ts'
import type { Traffic } from './traffic.ts'

/** Names of accounts are among them. */
export function keepsObservations(traffic: Traffic): traffic is Traffic & { observations: Observations } {
  return traffic.observations !== null && traffic.inputs?.maskAccounts !== true
}

export function writeObservations(database: SqlDatabase, observations: Observations): void {
  const rows = new RowWriter(database, 'observations')
  let id = 0
  for (const kind of KEPT_KINDS) {
    for (const entry of observations[kind] as unknown as KeptEntry[]) {
      const { flow, ...data } = dataOf(entry, KEPT[kind])
      rows.add({ id: ++id, kind: columnName(kind), flow_id: (flow as number | undefined) ?? null, data: JSON.stringify(data) })
    }
  }
  rows.finish()
}

/** Indexes become ids, long texts are cut. */
function dataOf(entry: KeptEntry, fields: Readonly<Record<string, KeptField>>): KeptEntry {
  const data: KeptEntry = {}
  for (const [name, { type, fields: own }] of Object.entries(fields)) {
    const value = entry[name]
    const column = columnName(name)
    if (type === 'flow' || type === 'host' || type === 'capture') data[column] = (value as number) + 1
    else if (type === 'flows') data[column] = (value as number[]).map((flow) => flow + 1)
    else if (type === 'objects') data[column] = (value as KeptEntry[]).map((one) => dataOf(one, own!))
    else if (type === 'object' && value !== null) data[column] = dataOf(value as KeptEntry, own!)
    else if (type === 'text') data[column] = cut(value as string)
    else if (type === 'texts') data[column] = (value as string[]).map(cut)
    else data[column] = value
  }
  return data
}

const cut = (text: string): string => text.slice(0, KEPT_CHARACTERS)
