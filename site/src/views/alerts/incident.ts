// An incident: what happened in three sentences, who was part of it, and what to look for elsewhere; as report.html has it.
import type { Incident } from '../../../../src/report/incident.ts'
import { defang, INDICATOR_KINDS, partiesOf } from '../../../../src/report/incident-summary.ts'
import type { Player } from '../../session/view.ts'
import { make } from '../../ui/dom.ts'
import { formatCounted, formatHostile } from '../../ui/format.ts'
import { makeHostLink, makeLink, makeTable } from '../detail/parts.ts'

/** Longest sentence and longest value shown; longer ones are cut. */
const MOST = { sentence: 700, value: 255 }

export function makeIncident(player: Player, incident: Incident): HTMLElement {
  const section = make('section', 'incident')
  section.append(make('h2', '', `Incident: ${incident.certainty}`))
  section.append(...incident.summary.map((sentence) => make('p', '', formatHostile(sentence, MOST.sentence))))
  const parties = partiesOf(incident)
  if (parties.length > 0) section.append(makePart('Who', makeParties(player, parties), true))
  const { indicators } = incident
  if (indicators.length > 0)
    section.append(makePart(formatCounted(indicators.length, 'indicator'), makeIndicators(player, incident), false))
  return section
}

function makePart(title: string, content: HTMLElement, isOpen: boolean): HTMLElement {
  const part = make('details')
  part.open = isOpen
  part.append(make('summary', '', title), content)
  return part
}

function makeParties({ session }: Player, parties: ReturnType<typeof partiesOf>): HTMLElement {
  return makeTable(
    [{ title: 'Host' }, { title: 'What' }, { title: 'Value' }, { title: 'Read from' }],
    parties.flatMap(({ label, ip, facts }) => {
      const host = make('span', '', `${label} `)
      host.append(makeHostLink(session, { ip, name: '' }))
      if (facts.length === 0) return [[host, '', 'says nothing of itself in clear text', '']]
      return facts.map((fact, index) => [
        index === 0 ? host : '',
        fact.label,
        make('bdi', '', formatHostile(fact.value, MOST.value)),
        formatHostile(fact.from, 80),
      ])
    }),
  )
}

/** Values that could be followed have their dots in brackets. */
function makeIndicators({ session }: Player, { indicators }: Incident): HTMLElement {
  return makeTable(
    [{ title: 'Kind' }, { title: 'Value' }, { title: 'How sure' }, { title: 'Finding' }],
    indicators.map((indicator) => [
      INDICATOR_KINDS[indicator.kind],
      make('bdi', '', formatHostile(defang(indicator), MOST.value)),
      indicator.strength,
      makeLink('show', 'Show the finding', () => session.set({ selection: { kind: 'alert', id: indicator.alertId } })),
    ]),
  )
}
