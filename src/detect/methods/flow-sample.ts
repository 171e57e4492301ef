// The conversations of a finding: all are counted, the first 1,000 are kept. A scan of a million must not become a million rows.

/** Most flows of a finding in alert_flows. */
const MAX_NAMED = 1000

export class FlowSample {
  /** Number of all conversations. */
  count = 0
  /** Flow ids in the order added, at most 1,000. */
  readonly named: number[] = []

  static of(flows: Iterable<number>): FlowSample {
    const sample = new FlowSample()
    for (const flow of flows) sample.add(flow)
    return sample
  }

  add(flow: number): void {
    this.count++
    if (this.named.length < MAX_NAMED) this.named.push(flow)
  }
}
