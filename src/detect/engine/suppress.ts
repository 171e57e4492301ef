// Findings and suppressions -> the findings to show, and the number of others for each suppression.
import { parseAddress } from '../../decode/address.ts'
import type { Finding, HostFacts } from './finding.ts'
import type { Suppression } from './settings.ts'

export interface SuppressedCount {
  line: number
  reason: string
  findings: number
}

export class Suppressor {
  /** One per suppression, in the order of the file; a count of 0 shows one that matches nothing. */
  readonly counts: SuppressedCount[]
  private readonly suppressions: readonly Suppression[]
  private readonly hosts: HostFacts

  constructor(suppressions: readonly Suppression[], hosts: HostFacts) {
    this.suppressions = suppressions
    this.hosts = hosts
    this.counts = suppressions.map(({ line, reason }) => ({ line, reason, findings: 0 }))
  }

  /** Counted for the first suppression that matches. */
  suppresses(rule: string, finding: Finding): boolean {
    const index = this.suppressions.findIndex((suppression) => this.fits(suppression, rule, finding))
    if (index < 0) return false
    this.counts[index].findings++
    return true
  }

  private fits(suppression: Suppression, rule: string, finding: Finding): boolean {
    const { host, source, target, port, name } = suppression
    if (suppression.rule !== undefined && suppression.rule !== rule) return false
    if (host !== undefined && !this.isIn(finding.source, host) && !this.isIn(finding.target, host)) return false
    if (source !== undefined && !this.isIn(finding.source, source)) return false
    if (target !== undefined && !this.isIn(finding.target, target)) return false
    // A finding about several ports is not suppressed because of one of them; of several names all must match.
    if (port !== undefined && !(finding.ports?.length === 1 && finding.ports[0] === port)) return false
    if (name !== undefined && !(finding.names?.length && finding.names.every((found) => isBelow(found, name)))) return false
    return true
  }

  private isIn(host: number | null, network: string): boolean {
    return host !== null && networkContains(network, this.hosts.ip(host))
  }
}

function isBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}

/** Whether an address is in a network ("10.0.0.0/8") or equals the given address. A text that is neither matches nothing. */
export function networkContains(network: string, ip: string): boolean {
  const [text, length] = network.split('/')
  const base = parseAddress(text)
  const address = parseAddress(ip)
  if (base === null || address === null || base.length !== address.length) return false
  const bits = length === undefined ? base.length * 8 : Number(length)
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7)
    if ((base[bit >> 3] & mask) !== (address[bit >> 3] & mask)) return false
  }
  return true
}
