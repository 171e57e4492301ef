// Observations -> rows of the table observations.
import { columnName, fieldsOf, KEPT_KINDS, type KeptEntry } from '../detect/observe/kept.ts'
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
    const fields = fieldsOf(kind)
    for (const entry of observations[kind] as unknown as KeptEntry[]) {
      const data: KeptEntry = {}
      let flow: number | null = null
      for (const [name, { type }] of fields) {
        const value = entry[name]
        if (type === 'flow') flow = (value as number) + 1
        else if (type === 'host') data[columnName(name)] = (value as number) + 1
        else if (type === 'flows') data[columnName(name)] = (value as number[]).map((one) => one + 1)
        else data[columnName(name)] = value
      }
      rows.add({ id: ++id, kind: columnName(kind), flow_id: flow, data: JSON.stringify(data) })
    }
  }
  rows.finish()
}
