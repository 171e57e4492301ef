// Which flows pass the filter: asked of the worker each time it changes.
import type { ReportClient } from '../protocol/client.ts'
import type { Session } from '../session/session.ts'

/** Returns what asks; an older question is given up. Measures "filter" on the performance timeline. */
export function startMatching(session: Session, client: ReportClient): () => Promise<void> {
  let before: AbortController | null = null
  return async () => {
    before?.abort()
    const asked = new AbortController()
    before = asked
    const start = performance.now()
    try {
      session.set({ matching: await client.ask('match', { filterText: session.state.filterText }, asked.signal) })
      performance.clearMeasures('filter')
      performance.measure('filter', { start })
    } catch (error) {
      if (!asked.signal.aborted) throw error
    }
  }
}
