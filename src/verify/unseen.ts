// Changes that no check can find without the original captures: facts that only the packets contain and on which no sum depends.
import { type Check, notChecked } from './check.ts'

/** Kinds of such changes, in words; test/verify/tampering.test.ts makes each of them. */
export const UNSEEN = {
  captures: 'name, SHA-256, format, link types, lengths, end and warnings of captures, reasons of skipped packets',
  addresses: 'addresses of hosts and stations, their scope, ports, protocol numbers and TCP flags',
  traffic: 'packets and bytes moved between conversations or invented with all their sums, packet rows left out, times within the capture',
  health: 'round-trip times, repeated and lost segments, what they say of places and of where it was captured',
  meaning: 'states, applications, fingerprints and tunnels of conversations',
  places: 'places, networks and their holders',
  names: 'names, programs and DNS questions',
  findings: 'findings: deleted, invented or changed, and the conversations that show them',
  space: 'bytes of the file that no table shows',
  options: 'title, options, drops, what was left out, and the geolocation database named',
} as const

export type UnseenKind = keyof typeof UNSEEN

/** @param why the reason why the captures are not compared */
export function unseenChecks(why: string): Check[] {
  return Object.values(UNSEEN).map((kind) => notChecked('report', kind, `changed throughout the report it would not be seen: ${why}`))
}
