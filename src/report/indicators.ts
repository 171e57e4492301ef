// Conversations of findings -> what to look for elsewhere: addresses, names, HTTP targets, JA4, certificates, user agents, files; never an address inside.
import type { AlertRow } from '../store/read-alerts.ts'
import type { EvidenceFlow, FramePlace } from '../store/read-incidents.ts'

export interface Indicator extends FramePlace {
  kind: 'address' | 'name' | 'http-target' | 'ja4' | 'certificate' | 'user-agent' | 'file'
  value: string
  /** reported by a list: an entry of --blocklist; seen: the content shows it; inferred: from rhythm, amount or names. */
  strength: 'reported by a list' | 'seen' | 'inferred'
  alertId: number
}

const MAX_INDICATORS = 100
/** Rules that judge by measures: the traffic could be something else. */
const INFERRING = new Set([
  'beacon',
  'exfiltration',
  'dns-tunnel',
  'dns-answers',
  'nameless-tls',
  'icmp-tunnel',
  'generated-names',
  'nxdomain-burst',
  'long-connection',
  'new-destination',
  'unusual-port',
])
/** Rules for which the client's program is the evidence: elsewhere JA4 and user agent are those of an ordinary program. */
const OF_PROGRAMS = new Set(['beacon', 'control-certificate', 'nameless-tls', 'blocklist', 'mining', 'tor', 'attack-tool'])

export class Indicators {
  private readonly found = new Map<string, Indicator>()

  /** @param harmed the end that is not an indicator */
  addFlow(alert: AlertRow, flow: EvidenceFlow, harmed: 'source' | 'target'): void {
    const isServerForeign = harmed === 'source'
    // The resolver is not the address of the one who answers.
    if (flow.application !== 'dns') {
      if (isServerForeign && flow.serverScope === 'public') this.add(alert, flow, 'address', flow.server)
      else if (!isServerForeign && flow.clientScope === 'public') this.add(alert, flow, 'address', flow.client)
    }
    if (isServerForeign && flow.serverName !== null && flow.serverName !== flow.server) this.add(alert, flow, 'name', flow.serverName)
    if (alert.rule === 'program-download') {
      const host = flow.serverName ?? flow.server
      const targets = alert.observed.find(({ name }) => name === 'targets')?.value
      for (const target of String(targets ?? '').split(/, | and /))
        if (target.startsWith('/')) this.add(alert, flow, 'http-target', host + target)
    }
    if (!OF_PROGRAMS.has(alert.rule)) return
    if (flow.ja4 !== null) this.add(alert, flow, 'ja4', flow.ja4)
    if (flow.userAgent !== null) this.add(alert, flow, 'user-agent', flow.userAgent)
    if (flow.certificate !== null && isServerForeign) this.add(alert, flow, 'certificate', flow.certificate)
  }

  /** A file by its SHA-256. */
  addFile(alert: AlertRow, file: FramePlace & { value: string }): void {
    this.add(alert, file, 'file', file.value)
  }

  addName(alert: AlertRow, name: string | null): void {
    if (name !== null) this.add(alert, alert, 'name', name)
  }

  /** In the order of the steps. */
  all(): Indicator[] {
    return [...this.found.values()]
  }

  private add({ id, rule }: AlertRow, { frame, frameFile }: FramePlace, kind: Indicator['kind'], value: string): void {
    const strength = rule === 'blocklist' ? 'reported by a list' : INFERRING.has(rule) ? 'inferred' : 'seen'
    const known = this.found.get(`${kind} ${value}`)
    if (known !== undefined) {
      if (STRENGTHS.indexOf(strength) < STRENGTHS.indexOf(known.strength)) known.strength = strength
      return
    }
    if (this.found.size < MAX_INDICATORS) this.found.set(`${kind} ${value}`, { kind, value, strength, alertId: id, frame, frameFile })
  }
}

/** The strongest first. */
const STRENGTHS: readonly Indicator['strength'][] = ['reported by a list', 'seen', 'inferred']
