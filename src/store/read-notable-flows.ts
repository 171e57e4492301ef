// traffic.sqlite -> the conversations that a report must look for among all: the largest, and those of hosts with themselves. One scan of `flows`.
import { eachRow } from '../sqlite/query.ts'
import type { SqlDatabase } from '../types.ts'

/** What hosts sent to themselves, by their ids. */
export type OwnTraffic = ReadonlyMap<number, { packets: number; bytes: number }>

export interface NotableFlows {
  /** Id of the conversation with most bytes, of several the first; null without conversations. */
  largestId: number | null
  own: OwnTraffic
}

/** Conversations at the beginning: one of a thousand others has more bytes than all of these. */
const SAMPLE = 1000

export function readNotableFlows(db: SqlDatabase): NotableFlows {
  const own = new Map<number, { packets: number; bytes: number }>()
  let largestId: number | null = null
  let most = -1
  // SQLite tells which is the largest, and which are of a host alone, only in two scans; so it leaves out most, and the rest are compared here.
  eachRow<[number, number, number, number, number]>(
    db,
    `SELECT id, client_host_id, server_host_id, client_packets + server_packets, client_bytes + server_bytes FROM flows
     WHERE server_host_id = client_host_id OR client_bytes + server_bytes >=
       (SELECT max(client_bytes + server_bytes) FROM (SELECT client_bytes, server_bytes FROM flows LIMIT ${SAMPLE}))
     ORDER BY id`,
    ([id, client, server, packets, bytes]) => {
      if (bytes > most) [largestId, most] = [id, bytes]
      if (client !== server) return
      const sums = own.get(client)
      if (sums === undefined) own.set(client, { packets, bytes })
      else {
        sums.packets += packets
        sums.bytes += bytes
      }
    },
  )
  return { largestId, own }
}
