// Values of a field that begin with (or contain) the typed text, with their number of flows under the rest of the filter.
import type { Suggestion } from '../../../../src/filter/completion.ts'
import { fieldNamed } from '../../../../src/filter/fields.ts'
import { type CountedOffer, countOffers } from '../../../../src/filter/offers.ts'
import { FilterError } from '../../../../src/filter/syntax.ts'
import type { Questions } from '../../protocol/messages.ts'
import type { OpenReport } from '../data/report-state.ts'

/** Most suggestions. */
const SHOWN = 12

export function complete(report: OpenReport, { field, begun, rest }: Questions['complete']['question']): Suggestion[] {
  const wanted = begun.toLowerCase()
  const startsAs = ({ text, label = '' }: CountedOffer) => ([text, label].some((word) => word.toLowerCase().startsWith(wanted)) ? 0 : 1)
  return countOffers(fieldNamed(field), begun, readable(report, rest), report.matches.source)
    .sort((a, b) => startsAs(a) - startsAs(b) || b.flows - a.flows || (a.text < b.text ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ text, label = '', about = '', flows }) => ({
      text,
      label: label || text,
      about: label && label !== text ? text : about,
      flows,
    }))
}

/** The rest of an unfinished filter may be invalid: then all flows count. */
function readable(report: OpenReport, rest: string): Uint8Array {
  try {
    return report.matches.mask(rest)
  } catch (error) {
    if (error instanceof FilterError) return report.matches.mask('')
    throw error
  }
}
