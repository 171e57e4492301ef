// The filter's text at the cursor -> fields, their comparisons, or values with their number of flows.
import { type Completion, type CompletionSource, pickedCompletion, startCompletion } from '@codemirror/autocomplete'
import type { EditorView } from '@codemirror/view'
import { applySuggestion, placeAt, type Suggestion, suggestFields } from '../../../src/filter/completion.ts'
import type { FieldName } from '../../../src/filter/fields.ts'
import { make } from '../ui/dom.ts'
import { formatCounted, formatHostile } from '../ui/format.ts'

/** Values that the report has, with the number of flows that pass `rest`, too. */
export type SuggestValues = (question: { field: FieldName; begun: string; rest: string }, signal: AbortSignal) => Promise<Suggestion[]>

interface Offered extends Completion {
  flows: number | null
}

/** `accepted`: after a value; a field is still to get one. */
export function completeFilter(suggestValues: SuggestValues, accepted: () => void): CompletionSource {
  return async (context) => {
    const { field, begun, rest, start } = placeAt(context.state.doc.toString(), context.pos)
    const asked = new AbortController()
    context.addEventListener('abort', () => asked.abort())
    // Refused: cancelled by a newer question, or the report is not open yet.
    const suggestions = field ? await suggestValues({ field, begun, rest }, asked.signal).catch(() => []) : suggestFields(begun)
    if (suggestions.length === 0) return null
    const options = suggestions.map(
      (suggestion): Offered => ({
        label: formatHostile(suggestion.label, 80),
        detail: formatHostile(suggestion.about, 120),
        flows: suggestion.flows,
        apply: (view, completion) => {
          accept(view, completion, suggestion)
          if (suggestion.flows === null) startCompletion(view)
          else accepted()
        },
      }),
    )
    return { from: start, options, filter: false }
  }
}

/** In the place that the cursor is at now: the list may be older than the last letter. */
function accept(view: EditorView, completion: Completion, suggestion: Suggestion): void {
  const before = view.state.doc.toString()
  const { text, cursor } = applySuggestion(before, placeAt(before, view.state.selection.main.head), suggestion)
  view.dispatch({
    changes: { from: 0, to: before.length, insert: text },
    selection: { anchor: cursor },
    scrollIntoView: true,
    annotations: pickedCompletion.of(completion),
  })
}

/** Behind a value's label and description. */
export function renderFlows(completion: Completion): Node | null {
  const { flows } = completion as Offered
  return flows === null ? null : make('b', 'flows', formatCounted(flows, 'flow'))
}
