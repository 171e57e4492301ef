// What no check can see while the original captures are not there: each is a fact that only the packets tell, and no sum in the report depends on it.
import { type Check, notChecked } from './check.ts'

/** Kinds of change, in words; test/verify/tampering.test.ts changes each of them. */
export const UNSEEN = {
  captures: 'name, SHA-256, format, link types, lengths, end and warnings of captures, reasons of skipped packets',
  addresses: 'addresses of hosts and their scope, ports, protocol numbers and TCP flags',
  traffic: 'packets and bytes moved between conversations or invented with all their sums, packet rows left out, times within the capture',
  meaning: 'states, applications, fingerprints and tunnels of conversations',
  places: 'places, networks and their holders',
  names: 'names, programs and DNS questions',
  findings: 'findings: deleted, invented or changed, and the conversations that show them',
  space: 'bytes of the file that no table shows',
  options: 'title, options, drops, what was left out, and the geolocation database named',
} as const

export type UnseenKind = keyof typeof UNSEEN

/** @param why the captures are not held against the report */
export function unseenChecks(why: string): Check[] {
  return Object.values(UNSEEN).map((kind) => notChecked('report', kind, `changed throughout the report it would not be seen: ${why}`))
}
