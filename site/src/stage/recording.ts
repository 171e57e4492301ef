// Pictures and recordings of the stage: what their caption bar says of the report.
import type { Player } from '../session/view.ts'
import { byId } from '../ui/dom.ts'
import { formatHostile, formatTime } from '../ui/format.ts'
import { ALERT, colourOf, OTHERS } from '../ui/palette.ts'
import { othersLabel } from './legend.ts'
import { storyEntries } from './legend-stories.ts'
import { Capture } from './recorder.ts'
import type { Stage } from './stage.ts'

interface Parts {
  /** The finding at this time, or ''. */
  caption(): string
  /** Colour slot of an application. */
  slotOf(application: number): number
  effectNames(): string[]
  play(): void
  isStory(): boolean
  playStory(): void
}

/** `fileStem`: what the files' names begin with. */
export function startCapture(player: Player, stage: Stage, fileStem: string, { caption, slotOf, effectNames, ...parts }: Parts): void {
  const { session, theme } = player
  const { firstUs } = player.report.timeline
  new Capture(session, stage, {
    fileName: () =>
      session.state.isWhole
        ? `${fileStem}-whole`
        : `${fileStem}-${formatTime(firstUs + session.state.clock.positionUs)
            .slice(0, 8)
            .replaceAll(':', '')}`,
    title: () => byId('report-name').textContent,
    firstUs: () => firstUs,
    caption,
    legend: () => {
      const { applications, alerts } = player.report
      const others = othersLabel(applications)
      return [
        ...storyEntries(alerts).map(({ name }) => ({ name, colour: ALERT[theme()] })),
        ...effectNames().map((name) => ({ name, colour: ALERT[theme()] })),
        ...applications
          .slice(0, OTHERS)
          .map((name, index) => ({ name: formatHostile(name, 24), colour: colourOf(theme(), slotOf(index)) })),
        ...(others ? [{ name: others, colour: colourOf(theme(), OTHERS) }] : []),
      ]
    },
    theme,
    ...parts,
  })
}
