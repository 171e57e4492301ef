// What the stage shows of a report: the arcs of globe and map, the local network, and the effects of findings on all of them.

import type { Report } from '../model/report.ts'
import type { Grouping } from '../model/route-groups.ts'
import type { ReportClient } from '../protocol/client.ts'
import type { Session } from '../session/session.ts'
import { ArcController } from '../stage/arc-controller.ts'
import { EffectsController } from '../stage/effects/effects-controller.ts'
import { type Layers, readLayers } from '../stage/layers.ts'
import { showScales } from '../stage/layers-panel.ts'
import { LocalController } from '../stage/local/local-controller.ts'
import { isGeo, type Moment, type Picked } from '../stage/renderer.ts'
import type { Stage } from '../stage/stage.ts'
import { frameWhole } from '../stage/whole-frame.ts'

export interface PicturesHost {
  /** The present one: it may grow. */
  report(): Report
  /** Whether a link has put the camera where it is: asked once for each picture, which is then not framed. */
  takeAim(): boolean
  /** Shows the conversations that pass a filter. */
  openFlows(terms: string, title: string): void
  /** The legend's entries have changed. */
  effectsChanged(): void
}

export class Pictures {
  readonly local: LocalController
  readonly effects: EffectsController
  readonly #arcs: ArcController
  readonly #session: Session
  readonly #stage: Stage
  readonly #host: PicturesHost

  constructor(session: Session, client: ReportClient, stage: Stage, host: PicturesHost) {
    this.#session = session
    this.#stage = stage
    this.#host = host
    const report = host.report()
    this.#arcs = new ArcController(session, client, stage, report, (slices, isOther) => {
      showScales(readLayers(session.state.options.layers), host.report(), slices)
      const isAimed = host.takeAim()
      if (slices.whole && isOther && !isAimed) frameWhole(stage, host.report(), slices)
    })
    this.local = new LocalController(session, client, stage, report, host.openFlows)
    this.effects = new EffectsController(session, client, stage, host.effectsChanged)
  }

  /** Resolves when the picture that is shown first is made. */
  refresh(): Promise<void> {
    return this.#isLocal ? this.local.refresh() : this.#arcs.refresh()
  }

  /** Makes the arcs of another report. @param onReady called when they take the place of those before */
  renewArcs(report: Report, onReady: () => void): Promise<void> {
    return this.#arcs.renew(report, onReady)
  }

  /** The report has grown, and its arcs are renewed. */
  update(grown: Report): void {
    this.local.update(grown)
    this.effects.update()
  }

  setLayers(layers: Layers): void {
    this.#stage.setLayers(layers)
    if (this.#arcs.slices) showScales(layers, this.#host.report(), this.#arcs.slices)
  }

  show(moment: Moment): void {
    this.#stage.show(moment)
    this.effects.show(moment)
    if (this.#isLocal) this.local.count()
    else this.#arcs.count(!this.#session.state.clock.isPlaying)
  }

  /** The text of the tooltip. */
  titleOf(picked: Picked): string {
    const title = isGeo(picked) ? this.#arcs.describe(picked) : this.local.titleOf(picked)
    return [title, this.effects.describe(picked, this.local.map ?? null)].filter(Boolean).join(' · ')
  }

  /** Routes that are drawn as arcs now. */
  routesNow(): number[] {
    return this.#arcs.routesNow()
  }

  get report(): Report {
    return this.#host.report()
  }

  /** What an arc stands for. */
  get grouping(): Grouping {
    return this.#arcs.slices?.grouping ?? 'route'
  }

  get #isLocal(): boolean {
    return this.#session.state.view === 'local'
  }
}
