// Weak TLS: old versions, weak cipher suites, certificates that are expired, self-signed, for another name or not valid yet.

import { SEVERITIES } from '../../types.ts'
import { overTime } from '../engine/chart-points.ts'
import { type Context, defineRule, type Finding, type Severity } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { list, plural } from '../engine/wording.ts'
import { tlsVersionName } from '../methods/cipher-suites.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { controlProgramOf, isTorCertificate } from '../methods/known-certificates.ts'
import { append, groupBy } from '../methods/lists.ts'
import { SELF_SIGNED, type TlsWeakness, weaknessesOf } from '../methods/tls-weaknesses.ts'
import type { TlsSession } from '../observe/observations.ts'
import { isNameless } from './nameless-tls.ts'

const MAX_FINDINGS = 500

export const weakTls = defineRule({
  id: 'weak-tls',
  version: 3,
  readsObservations: true,
  title: 'A server agrees to weak TLS',
  technique: 'T1040',
  severity: 'medium',
  source: 'Zeek weak-keys and expiring-certs, nDPI flow risks; RFC 8996 (TLS 1.0 and 1.1), RFC 7568 (SSL 3.0), RFC 7465 (RC4), RFC 9325',
  options: {
    sessions: option(1, '', 'conversations with one server'),
  },
  run(context, options) {
    const findings: Finding[] = []
    // A severe weakness is one finding per server; the many small ones are one finding per client.
    const small = new Map<string, Weak[]>()
    for (const [, sessions] of groupBy(weakSessions(context), ({ session }) => serverKey(context, session))) {
      if (sessions.length < options.sessions) continue
      const { severity } = gravity(context, sessions)
      if (severity === 'medium' || severity === 'high') findings.push(describe(context, sessions, options.sessions))
      else for (const weak of sessions) append(small, `${severity} ${context.flows.client(weak.session.flow)}`, weak)
    }
    for (const sessions of small.values()) findings.push(describe(context, sessions, options.sessions))
    return findings.slice(0, MAX_FINDINGS)
  },
})

interface Weak {
  session: TlsSession
  /** The gravest first. */
  weaknesses: TlsWeakness[]
}

function weakSessions(context: Context): Weak[] {
  const { observations, names } = context
  const weak: Weak[] = []
  for (const session of observations.tls) {
    // The rules `tor`, `control-certificate` and `nameless-tls` report these, or their certificate.
    if (isTorCertificate(session.certificate) || controlProgramOf(session.certificate) !== null) continue
    const all = weaknessesOf(session, names.ofFlow(session.flow))
    const weaknesses = isNameless(context, session) ? all.filter((weakness) => weakness !== SELF_SIGNED) : all
    if (weaknesses.length > 0) weak.push({ session, weaknesses })
  }
  return weak
}

function serverKey({ flows }: Context, { flow }: TlsSession): string {
  return `${flows.server(flow)} ${flows.serverPort(flow)}`
}

function describe(context: Context, weak: Weak[], threshold: number): Finding {
  const { flows, hosts, names } = context
  const servers = [...groupBy(weak, ({ session }) => serverKey(context, session)).values()]
  const { severity, severityReason, gravest } = gravity(context, weak)
  const weaknesses = [...new Set(weak.flatMap((own) => own.weaknesses.map(({ text }) => text)))]
  const clients = [...new Set(weak.map((own) => flows.client(own.session.flow)))]
  const nameOf = ([{ session }]: Weak[]): string | null => names.ofFlow(session.flow).serverName
  const textOf = (own: Weak[]): string => {
    const name = nameOf(own)
    return `${hosts.ip(flows.server(own[0].session.flow))}${name === null ? '' : ` (${name})`}`
  }
  const isOne = servers.length === 1
  const { session } = weak.find((own) => own.weaknesses.includes(gravest)) ?? weak[0]
  const certificate = session.certificate ?? weak.find((own) => own.session.certificate !== null)?.session.certificate ?? null
  const ports = [...new Set(weak.map((own) => flows.serverPort(own.session.flow)))].sort((a, b) => a - b)
  const who = clients.length === 1 ? hosts.ip(clients[0]) : plural(clients.length, 'client')
  const firstUs = Math.min(...weak.map((own) => own.session.atUs))
  const lastUs = Math.max(...weak.map((own) => own.session.atUs))
  const versions = [...new Set(weak.map((own) => tlsVersionName(own.session.version)))].sort()
  const known = servers.map(nameOf).filter((name) => name !== null)
  return {
    severity,
    severityReason,
    title: isOne
      ? `${textOf(servers[0])} port ${ports[0]} agreed to TLS with ${list(weaknesses, 6)}, for ${who}.`
      : `${plural(servers.length, 'server')} agreed to TLS with ${list(weaknesses, 6)}, for ${who}: ${list(servers.map(textOf), 3)}.`,
    nextStep: gravest.nextStep(names.ofFlow(session.flow).serverName ?? hosts.ip(flows.server(session.flow))),
    firstUs,
    lastUs,
    source: clients.length === 1 ? clients[0] : null,
    target: isOne ? flows.server(session.flow) : null,
    observed: [
      measured('conversations', weak.length, threshold),
      fact('servers', servers.length),
      fact('version', list(versions, 5)),
      fact('cipher suite', `0x${session.cipher.toString(16).padStart(4, '0')}`),
      ...(certificate === null
        ? []
        : [
            fact('certificate for', certificate.subject || 'no name'),
            fact('issued by', certificate.issuer || 'no name'),
            fact('valid from', dateOf(certificate.notBeforeUs)),
            fact('valid until', dateOf(certificate.notAfterUs)),
          ]),
    ],
    picture:
      weak.length < 2
        ? null
        : overTime('dots', 'conversation', firstUs, weak.length, (i) => [weak[i].session.atUs, weak[i].weaknesses.length], {
            y: { label: 'Weaknesses', unit: '' },
            threshold: null,
            caption: 'Each dot is a conversation.',
          }),
    flows: FlowSample.of(weak.map((own) => own.session.flow)),
    ports,
    ...(known.length === 0 ? {} : { names: [...new Set(known)] }),
  }
}

/** The gravest weakness of all sessions. */
function gravity({ flows, hosts }: Context, weak: Weak[]): { severity: Severity; severityReason: string; gravest: TlsWeakness } {
  const all = weak.flatMap(({ weaknesses }) => weaknesses)
  const gravest = all.reduce((most, one) => (SEVERITIES.indexOf(one.severity) > SEVERITIES.indexOf(most.severity) ? one : most))
  const isLocal = weak.every(({ session }) => hosts.isLocal(flows.server(session.flow)))
  if (isLocal && all.every((weakness) => weakness === SELF_SIGNED)) {
    return {
      severity: 'info',
      severityReason: 'Devices inside a site often sign their own certificates; nobody can tell them from an impostor.',
      gravest,
    }
  }
  return { severity: gravest.severity, severityReason: gravest.reason, gravest }
}

/** The day in ISO 8601; "" if the certificate's time is invalid. */
function dateOf(us: number): string {
  return Number.isNaN(us) ? '' : new Date(us / 1000).toISOString().slice(0, 10)
}
