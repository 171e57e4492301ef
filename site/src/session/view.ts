// What a view is given (Player) and what it gives (View): how a tab plugs in.
import type { Report } from '../model/report.ts'
import type { ReportClient } from '../protocol/client.ts'
import type { Theme } from '../ui/palette.ts'
import type { Session, ViewName } from './session.ts'

/** What every view gets. */
export interface Player {
  readonly session: Session
  readonly client: ReportClient
  readonly report: Report
  theme(): Theme
}

/** One tab and its panel. */
export interface View {
  readonly name: ViewName
  readonly label: string
  /** The key that opens it, as KeyboardEvent.key. */
  readonly key: string
  /** Fills its empty panel; called once. */
  build(panel: HTMLElement, player: Player): BuiltView
}

export interface BuiltView {
  /** Called each time the panel is shown, after build too. */
  show?(): void
  hide?(): void
  /** Colours have changed. */
  paint?(theme: Theme): void
}
