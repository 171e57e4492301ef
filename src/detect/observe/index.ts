// What only packets tell, collected while reading: a bounded table each, no cost for packets that are not about it.

/** What a capture's packets told, by what was looked for; a new observer adds its own. */
export interface Observations {
  /** Observations beyond the bounds, only counted. */
  leftOut: number
}

export class Observer {
  finish(): Observations {
    return { leftOut: 0 }
  }
}
