// The selection and the selected span of the timeline, as both threads use them.

/** What is selected: highlighted on the globe and marked in tables. */
export type Selection =
  | { readonly kind: 'flow' /** flows.id */; readonly id: number }
  | { readonly kind: 'host'; readonly ip: string }
  | { readonly kind: 'alert'; readonly id: number }
  /** A hardware address. */
  | { readonly kind: 'station'; readonly mac: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'country'; readonly code: string }
  /** Index in Report.places. */
  | { readonly kind: 'place'; readonly place: number }
  /** Index in Report.routes. */
  | { readonly kind: 'route'; readonly route: number }

/** The flow, host, station or alert whose page is open above the view. */
export type Detail = Extract<Selection, { kind: 'flow' | 'host' | 'station' | 'alert' }>

/** A span of the timeline, microseconds since the capture's first packet. */
export interface TimeSpan {
  readonly fromUs: number
  readonly toUs: number
}
