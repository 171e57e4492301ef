// A certificate -> the remote control program that brings it along, from the names its default certificate has.
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
