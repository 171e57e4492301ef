// Asks the worker for the effects of findings under the filter, hands them to the stage, and says what they are.
import { type EffectFinding, type EffectMoment, type Effects, lifeOf, rangeAt, STANDING, UNSEEN } from '../../model/effects.ts'
import type { LocalMap } from '../../model/local-map.ts'
import type { ReportClient } from '../../protocol/client.ts'
import { LatestQuestion } from '../../protocol/latest-question.ts'
import type { Session } from '../../session/session.ts'
import type { StoryEntry } from '../legend-stories.ts'
import type { Moment, Picked } from '../renderer.ts'
import type { Stage } from '../stage.ts'
import { effectMoment } from './effect-moment.ts'
import { describeEffects, effectEntries } from './effect-texts.ts'

/** A mark that is seen at a moment, for tests. */
export interface SeenEffect {
  /** `alerts.id`. */
  finding: number
  kind: EffectFinding['kind']
  seconds: number
  /** Null: a beat, or a host that was pinged. */
  port: number | null
  isStanding: boolean
}

export class EffectsController {
  readonly #session: Session
  readonly #client: ReportClient
  readonly #stage: Stage
  readonly #onEffects: () => void
  #effects: Effects | null = null
  readonly #question = new LatestQuestion()
  #moment: EffectMoment = { seconds: 0, rate: 1, isStill: false }

  /** `onEffects`: other effects are on the stage. */
  constructor(session: Session, client: ReportClient, stage: Stage, onEffects: () => void) {
    this.#session = session
    this.#client = client
    this.#stage = stage
    this.#onEffects = onEffects
    session.subscribe(() => void this.refresh(), ['filterText', 'span', 'isWhole'])
  }

  /** A running capture has grown. */
  update(): void {
    this.#question.forget()
    void this.refresh()
  }

  async refresh(): Promise<void> {
    const { filterText, span, isWhole } = this.#session.state
    const question = { filterText, span: isWhole ? span : null, isWhole }
    const effects = await this.#question.ask(question, (signal) => this.#client.ask('effects', question, signal))
    if (!effects) return
    this.#effects = effects
    this.#stage.setEffects(effects)
    this.#onEffects()
  }

  show(moment: Moment): void {
    this.#moment = effectMoment(moment)
  }

  /** Of the legend, as the effects are at this moment. */
  get entries(): StoryEntry[] {
    return this.#effects ? effectEntries(this.#effects, this.#effects.isWhole || this.#moment.isStill ? 0 : this.#moment.rate) : []
  }

  /** What stands in the tooltip of a place or a node, behind what it is; '' for nothing. */
  describe(picked: Picked, map: LocalMap | null): string {
    const effects = this.#effects
    if (!effects) return ''
    const { place, host } = effects.marks
    if (picked.kind === 'place') return describeEffects(effects, (mark) => place[mark] === picked.place, this.#moment)
    if (picked.kind === 'node' && map) return describeEffects(effects, (mark) => map.nodeOfHost[host[mark]] === picked.node, this.#moment)
    return ''
  }

  /** What is seen at this moment, wherever it is. */
  get seen(): SeenEffect[] {
    const effects = this.#effects
    if (!effects) return []
    const { marks, findings } = effects
    const seen: SeenEffect[] = []
    const [from, to] = rangeAt(effects, this.#moment)
    for (let mark = from; mark < to; mark++) {
      const life = lifeOf(effects, mark, this.#moment)
      if (life === UNSEEN) continue
      const port = marks.port[mark] < 0 ? null : marks.port[mark]
      const { id, kind } = findings[marks.finding[mark]]
      seen.push({ finding: id, kind, seconds: marks.seconds[mark], port, isStanding: life === STANDING })
    }
    return seen
  }
}
