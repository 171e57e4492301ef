// Rows of `tcp` -> the figures that the Health view sums up, read on first use.
import { isCount } from '../../model/sound.ts'
import { forEachRow } from './database.ts'
import { oncePerReport } from './read-once.ts'
import { countRows } from './table-shape.ts'

/** As SQL on `tcp`. Times are microseconds. */
const FIGURES = {
  /** From the capture to the server and back: the handshake's, else the shortest of the data. */
  toServerUs: 'coalesce(syn_ack_us, client_rtt_us)',
  responseUs: 'response_us',
  tlsHandshakeUs: 'tls_handshake_us',
  clientSegments: 'client_segments',
  serverSegments: 'server_segments',
  clientRepeated: 'client_retransmissions',
  serverRepeated: 'server_retransmissions',
  clientZeroWindows: 'client_zero_windows',
  serverZeroWindows: 'server_zero_windows',
  clientClosedUs: 'client_zero_window_us',
  serverClosedUs: 'server_zero_window_us',
} as const

/** A row for each conversation of `tcp`; -1 where a figure is not known. `flow` is the flow's row. */
export type TcpHealthRows = { flow: Int32Array } & { [Figure in keyof typeof FIGURES]: Float64Array }

export const tcpHealthRows = oncePerReport(({ database, rows }): TcpHealthRows => {
  const names = Object.keys(FIGURES) as (keyof typeof FIGURES)[]
  const count = countRows(database, 'tcp')
  const flow = new Int32Array(count)
  const columns = names.map(() => new Float64Array(count))
  let read = 0
  forEachRow(database, `SELECT flow_id, ${names.map((name) => FIGURES[name]).join(', ')} FROM tcp ORDER BY flow_id`, (row) => {
    const [id, ...values] = row.get()
    const itsFlow = rows.rowOfFlow(id as number)
    if (itsFlow < 0) return // it is not shown
    for (const [index, value] of values.entries()) columns[index][read] = isCount(value) ? value : -1
    flow[read++] = itsFlow
  })
  const figures = Object.fromEntries(names.map((name, index) => [name, columns[index].subarray(0, read)]))
  return { flow: flow.subarray(0, read), ...(figures as Record<keyof typeof FIGURES, Float64Array>) }
})
