// A TLS session -> what is weak about it, each with its reason and next step, the gravest first.
import type { FlowNames } from '../../names/index.ts'
import type { Severity } from '../engine/finding.ts'
import type { Certificate, TlsSession } from '../observe/observations.ts'
import { isBroken, tlsVersionName, weaknessOf } from './cipher-suites.ts'
import { controlProgramOf, isTorCertificate } from './known-certificates.ts'

export interface TlsWeakness {
  /** What the server agreed to: "TLS 1.0", "a certificate that has expired". */
  text: string
  severity: Severity
  /** A sentence. */
  reason: string
  /** A sentence about the server. */
  nextStep(server: string): string
}

const SSL_3_0 = 0x0300
const TLS_1_2 = 0x0303
const DAY_US = 86_400_000_000
/** Allowed clock difference between the capture and the certificate's issuer. */
const CLOCKS_DIFFER_US = DAY_US
/** Nobody issues certificates that begin this long after today: the clock of the capture is wrong (1970 after a start without battery). */
const CLOCK_UNSET_US = 366 * DAY_US

const READABLE = 'What was sent can be read or changed by who listens.'
const OUTDATED = 'Breaking it takes effort, but nothing needs it any more.'
const offered = (server: string): string => `Find out why ${server} still offers this, and whether the client asked for nothing better.`

const EXPIRED: TlsWeakness = {
  text: 'a certificate that has expired',
  severity: 'low',
  reason: 'Nobody vouches for the server any longer, and clients that accept this accept an impostor, too.',
  nextStep: (server) => `Ask who runs ${server} to renew its certificate, and find out why the client accepted it.`,
}
const NOT_YET_VALID: TlsWeakness = {
  text: 'a certificate that is not valid yet',
  severity: 'low',
  reason: 'One of two clocks is wrong, that of the issuer or that of the capture, or the certificate was made for later.',
  nextStep: (server) => `Compare the clock of ${server} with that of the machine that captured.`,
}
export const SELF_SIGNED: TlsWeakness = {
  text: 'a certificate it signed itself',
  severity: 'low',
  reason: 'No authority vouches for the server: clients cannot tell it from an impostor, unless they know this very certificate.',
  nextStep: (server) => `Find out what ${server} is; programs that bring a certificate of their own are often remote control.`,
}
const OTHER_NAME: TlsWeakness = {
  text: 'a certificate for another name',
  severity: 'medium',
  reason: 'Somebody else answered than was called: a proxy that listens in, a block page, or a server set up wrong.',
  nextStep: (server) => `Compare the names of the certificate with ${server}, and find out who answers at this address.`,
}

/** The gravest first. */
export function weaknessesOf({ version, cipher, certificate, atUs }: TlsSession, names: FlowNames): TlsWeakness[] {
  const found: TlsWeakness[] = []
  const add = (text: string, severity: Severity): number =>
    found.push({ text, severity, reason: severity === 'medium' ? READABLE : OUTDATED, nextStep: offered })
  if (version < TLS_1_2 && version >= SSL_3_0) add(tlsVersionName(version), version === SSL_3_0 ? 'medium' : 'low')
  const ofCipher = weaknessOf(cipher)
  if (ofCipher !== null) add(ofCipher, isBroken(ofCipher) ? 'medium' : 'low')
  if (certificate !== null) {
    if (isForAnother(certificate, names)) found.push(certificate.isSelfIssued ? { ...OTHER_NAME, severity: 'low' } : OTHER_NAME)
    if (certificate.isSelfIssued) found.push(SELF_SIGNED)
    if (certificate.notAfterUs + CLOCKS_DIFFER_US < atUs) found.push(EXPIRED)
    const earlyUs = certificate.notBeforeUs - atUs
    if (earlyUs > CLOCKS_DIFFER_US && earlyUs < CLOCK_UNSET_US) found.push(NOT_YET_VALID)
  }
  return found.sort((a, b) => Number(b.severity === 'medium') - Number(a.severity === 'medium'))
}

/** What rules about TLS look at: of all other sessions, a report keeps nothing. */
export function isRemarkable(session: TlsSession, names: FlowNames): boolean {
  const { certificate } = session
  return weaknessesOf(session, names).length > 0 || isTorCertificate(certificate) || controlProgramOf(certificate) !== null
}

function isForAnother(certificate: Certificate, { serverName, serverNameSource }: FlowNames): boolean {
  return serverName !== null && serverNameSource === 'tls' && !isFor(certificate, serverName)
}

/** Whether a certificate is valid for a name (RFC 9525 6.3: a star matches one label). True when not all of its names are known. */
function isFor(certificate: Certificate, name: string): boolean {
  if (!certificate.hasAllNames || certificate.names.length === 0) return true
  const parent = name.slice(name.indexOf('.') + 1)
  return certificate.names.some((own) => own === name || (own.startsWith('*.') && own.slice(2) === parent))
}
