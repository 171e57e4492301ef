// A certificate -> the program that brings it along: remote control, by the names of its default certificate, or Tor.
import type { Certificate } from '../observe/observations.ts'

/** Common names of default certificates, as the sources of the programs and published reports (abuse.ch SSLBL, Censys) give them. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/^quasar server ca$/, 'Quasar'],
  [/^asyncrat server( ca)?$/, 'AsyncRAT'],
  [/^dcrat( server)?$/, 'DcRat'],
  [/^venom ?rat( server)?$/, 'VenomRAT'],
  [/^bitrat$/, 'BitRAT'],
  [/^(orcus server|orcusservercertificate)$/, 'Orcus'],
  [/^limerat( server)?$/, 'LimeRAT'],
  [/^anarchy ?panel( server)?$/, 'Anarchy'],
  [/^major cobalt strike$/, 'Cobalt Strike'],
  [/^p18055077$/, 'PoshC2'],
  [/^evilginx super-evil root ca$/, 'Evilginx'],
]

/** The program whose default certificate it is; null for all others. */
export function controlProgramOf(certificate: Certificate | null): string | null {
  if (certificate === null) return null
  const names = [certificate.subject.toLowerCase(), certificate.issuer.toLowerCase()]
  return PROGRAMS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1] ?? null
}

/** www., 8 to 20 base-32 characters, .com or .net: the host name Tor generates for each connection (tor, crypto_random_hostname). */
export const TOR_NAME = /^www\.[a-z2-7]{8,20}\.(com|net)$/

/** Subject and issuer are two different names of that kind: what Tor's TLS showed until it moved to TLS 1.3. */
export function isTorCertificate(certificate: Certificate | null): boolean {
  return certificate !== null && !certificate.isSelfIssued && TOR_NAME.test(certificate.subject) && TOR_NAME.test(certificate.issuer)
}
