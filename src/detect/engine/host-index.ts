// Address texts of observers -> host ids. Made only when a rule has a finding.
import type { HostFacts } from './finding.ts'

export class HostIndex {
  private readonly hosts: HostFacts
  private ids: Map<string, number> | null = null

  constructor(hosts: HostFacts) {
    this.hosts = hosts
  }

  /** Null for an address that sent and received no IP packet. */
  find(ip: string): number | null {
    if (this.ids === null) {
      this.ids = new Map()
      for (let host = 0; host < this.hosts.count; host++) this.ids.set(this.hosts.ip(host), host)
    }
    return this.ids.get(ip) ?? null
  }
}
