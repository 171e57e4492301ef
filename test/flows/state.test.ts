import { describe, expect, test } from 'vitest'
import { type ConnectionState, connectionState, type Ends } from '../../src/flows/state.ts'

const FLAGS: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16 }
const bits = (flags: string) => [...flags].reduce((sum, flag) => sum | FLAGS[flag], 0)

/** After Zeek's documentation of conn_state. */
const cases: [ConnectionState, string, string, Ends['resetBy'], string][] = [
  ['S0', 'S', '', null, 'attempt seen, no reply'],
  ['S1', 'SA', 'SA', null, 'established, not ended'],
  ['SF', 'SAF', 'SAF', null, 'normal begin and end'],
  ['REJ', 'S', 'RA', 'server', 'attempt rejected'],
  ['S2', 'SAF', 'SA', null, 'established, closed by the originator only'],
  ['S3', 'SA', 'SAF', null, 'established, closed by the responder only'],
  ['RSTO', 'SAR', 'SA', 'client', 'established, originator aborted'],
  ['RSTR', 'SA', 'SAR', 'server', 'responder aborted'],
  ['RSTOS0', 'SR', '', 'client', 'SYN then RST, no SYN+ACK'],
  ['RSTRH', '', 'SAR', 'server', 'SYN+ACK then RST, no SYN'],
  ['SH', 'SF', '', null, 'SYN then FIN, no SYN+ACK'],
  ['SHR', '', 'SAF', null, 'SYN+ACK then FIN, no SYN'],
  ['OTH', 'A', 'A', null, 'no SYN seen, midstream'],
]

describe('conn_state of TCP', () => {
  test.each(cases)('%s: %s / %s, reset by %s (%s)', (state, client, server, resetBy) => {
    const ends = {
      clientPackets: client === '' ? 0 : 2,
      serverPackets: server === '' ? 0 : 2,
      clientFlags: bits(client),
      serverFlags: bits(server),
      resetBy,
    }
    expect(connectionState(6, ends)).toBe(state)
  })
})

test.each([
  [3, 0, 'S0'],
  [3, 2, 'SF'],
  [0, 2, 'SHR'],
] as const)('without connections: %i packets there, %i back is %s', (clientPackets, serverPackets, state) => {
  expect(connectionState(17, { clientPackets, serverPackets, clientFlags: 0, serverFlags: 0, resetBy: null })).toBe(state)
})
