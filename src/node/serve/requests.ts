// Counts for /metrics.

export class Requests {
  /** Answers by HTTP status. */
  readonly byStatus = new Map<number, number>()

  count(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1)
  }
}
