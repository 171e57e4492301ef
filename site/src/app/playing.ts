// A report on the stage -> what plays it: the clock at its speed, the tour of findings, the story, the wall, and pictures of all that.
import { createClock, fitSpeed, seek, setSpeed } from '../model/clock.ts'
import type { AlertMark, Report } from '../model/report.ts'
import { Findings } from '../playback/finding-tour.ts'
import { startNarrator } from '../playback/narrator.ts'
import { Playback } from '../playback/playback.ts'
import type { SpeedControl } from '../playback/speed-control.ts'
import { Story } from '../playback/story.ts'
import type { TimelineView } from '../playback/timeline.ts'
import { startWall } from '../playback/wall.ts'
import type { Player } from '../session/view.ts'
import { startCapture } from '../stage/recording.ts'
import type { Stage } from '../stage/stage.ts'
import { describeArcs } from '../stage/titles.ts'

export interface Controls {
  timeline: TimelineView
  speed: SpeedControl
  /** Shows the flows of a finding. */
  showAlert(alert: AlertMark): void
  /** Routes that are drawn as arcs now. */
  routesNow(): number[]
  /** Colour slot of an application. */
  slotOf(application: number): number
  /** What the legend says of sparks and pulses. */
  effectNames(): string[]
  /** Without ending: of saved pictures. */
  stem: string
}

export class Playing {
  readonly #player: Player
  readonly #controls: Controls
  readonly #playback: Playback
  readonly #findings: Findings
  readonly #story: Story

  /** @param drawn resolves when the stage has its picture */
  constructor(player: Player, stage: Stage, controls: Controls, drawn: Promise<void>) {
    const { session, report } = player
    const { firstUs } = report.timeline
    this.#player = player
    this.#controls = controls
    this.#playback = new Playback(session, report)
    this.#zoomToMain(report)
    this.#findings = new Findings(session, stage, report, controls.showAlert)
    this.#story = new Story(session, stage, this.#findings, () => player.report.timeline)
    startWall(session, stage, () => this.#story)
    startNarrator(session, firstUs, () => describeArcs(player.report, controls.routesNow()))
    const startPictures = () =>
      startCapture(player, stage, controls.stem, {
        caption: () => this.#findings.text,
        slotOf: controls.slotOf,
        effectNames: controls.effectNames,
        play: () => this.toggle(),
        isStory: () => this.#story.isPlaying,
        playStory: () => this.#story.play(),
      })
    drawn.then(startPictures, () => {})
  }

  /** How fast time passes where; null: evenly. */
  get pace() {
    return this.#playback.run.pace
  }

  toggle(): void {
    this.#playback.toggle()
  }

  /** The report has grown. */
  update(report: Report): void {
    this.#playback.update(report)
    this.#findings.update(report)
  }

  /** The report is whole: its story is told, digests that were not known are filled in. */
  async complete(): Promise<void> {
    const { client } = this.#player
    this.#story.load(await client.ask('story', null))
    const digests = await globalThis.rtnvisDigests
    if (digests) await client.ask('digests', digests)
  }

  /** A report that was followed has ended. `isFollowed`: all of it is shown; else the reader stays where he is. */
  finish(whole: Report, isFollowed: boolean): void {
    const { session } = this.#player
    const { firstUs, durationUs } = whole.timeline
    this.#controls.timeline.setSpan(firstUs, durationUs)
    this.#controls.speed.load(fitSpeed(durationUs))
    const { positionUs } = session.state.clock
    session.set({ clock: isFollowed ? createClock(durationUs) : seek(createClock(durationUs), positionUs), isWhole: isFollowed })
    this.#zoomToMain(whole)
    void this.complete()
  }

  /** Where hardly all of the time has traffic, the timeline opens on the part that has most of it. */
  #zoomToMain({ timeline: { main, durationUs } }: Report): void {
    if (!this.pace) return
    const { session } = this.#player
    const { timeline, speed } = this.#controls
    speed.load(this.#playback.fit)
    const { clock } = session.state
    if (clock.speed === fitSpeed(durationUs)) session.set({ clock: setSpeed(clock, this.#playback.fit) })
    if (main) timeline.zoomTo(main)
  }
}
