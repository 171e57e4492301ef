// Asks the worker which flows pass the filter, each time the filter changes.
import type { ReportClient } from '../protocol/client.ts'
import type { Session } from '../session/session.ts'

/** Returns the function that asks; an unfinished question is cancelled. Measured as "filter" on the performance timeline. */
export function startMatching(session: Session, client: ReportClient): () => Promise<void> {
  let before: AbortController | null = null
  return async () => {
    before?.abort()
    const asked = new AbortController()
    before = asked
    const start = performance.now()
    try {
      const { filterText, span } = session.state
      session.set({ matching: await client.ask('match', { filterText, span }, asked.signal) })
      performance.clearMeasures('filter')
      performance.measure('filter', { start })
    } catch (error) {
      if (!asked.signal.aborted) throw error
    }
  }
}
