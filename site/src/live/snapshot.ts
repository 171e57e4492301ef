// The database of a running capture as it is now, and where its changes go on.
import type { LiveChange, LiveTables } from '../../../src/contract/live-message.ts'
import type { Snapshot } from './source.ts'

/** The server's name for it, see src/contract/live-message.ts. */
const SEQUENCE_HEADER = 'rtnvis-sequence'

/** @throws Error that says what to do */
export async function fetchSnapshot(): Promise<Snapshot> {
  const response = await fetch('./assets/data/capture.sqlite', { cache: 'no-store' })
  if (response.status === 401) throw new Error('The server was started again with another key. Open the address that it printed.')
  if (!response.ok) throw new Error(`The server could not send the capture so far (status ${response.status}). Load the page again.`)
  return { bytes: await response.arrayBuffer(), sequence: Number(response.headers.get(SEQUENCE_HEADER)) }
}

/** What changed in alerts, names and the like since a version answered before; null while the server does not answer. */
export async function fetchTables(version: number): Promise<LiveTables | null> {
  try {
    const response = await fetch(`./api/tables?since=${version}`)
    return response.ok ? ((await response.json()) as LiveTables) : null
  } catch {
    return null
  }
}

/** Resolves once the capture has a conversation: before that there is nothing to open. */
export async function waitForTraffic(): Promise<void> {
  for (;;) {
    const response = await fetch('./api/changes?since=0')
    if (response.status === 401) throw new Error('The server was started again with another key. Open the address that it printed.')
    const [change] = response.ok ? ((await response.json()) as LiveChange[]) : []
    if (change && (change.type !== 'change' || change.totals.flows > 0)) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
