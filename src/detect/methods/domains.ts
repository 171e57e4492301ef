// Host names -> registrable domains, by the public suffix list (publicsuffix.org) as the library tldts carries it.
import { parse } from 'tldts'

export interface Domain {
  /** What somebody registered: example.co.uk. */
  registrable: string
  /** Its own label: example. */
  label: string
  /** The public suffix it is registered under: co.uk. */
  suffix: string
  /** What stands before it, '' for nothing: www. */
  subdomain: string
}

/** Services that give a name below theirs to everybody: what is registered there is the name below. */
const DYNAMIC_DNS = new Set([
  ...['ddns.net', 'no-ip.org', 'no-ip.com', 'no-ip.biz', 'no-ip.info', 'noip.me', 'hopto.org', 'zapto.org', 'sytes.net', 'redirectme.net'],
  ...[
    'servebeer.com',
    'serveblog.net',
    'serveftp.com',
    'servegame.com',
    'servehttp.com',
    'myftp.biz',
    'myftp.org',
    'myvnc.com',
    'bounceme.net',
  ],
  ...['dyndns.org', 'dyndns.biz', 'dyndns.info', 'dyndns.tv', 'dynserv.com', 'dynalias.com', 'dynalias.net', 'dynalias.org', 'homeip.net'],
  ...[
    'dnsalias.com',
    'dnsalias.net',
    'dnsalias.org',
    'gotdns.com',
    'selfip.com',
    'selfip.net',
    'selfip.org',
    'is-a-geek.com',
    'duckdns.org',
  ],
  ...[
    'mooo.com',
    'yi.org',
    'chickenkiller.com',
    'ignorelist.com',
    'strangled.net',
    'us.to',
    'crabdance.com',
    'jumpingcrab.com',
    'twilightparadox.com',
  ],
  ...[
    'changeip.com',
    'dynu.net',
    'dynu.com',
    'freeddns.org',
    'webhop.net',
    'webhop.org',
    'duia.eu',
    '3322.org',
    '8866.org',
    'f3322.net',
    'dns.army',
  ],
])

const OPTIONS = { extractHostname: false, validateHostname: false, detectIp: true } as const
/** As many names as a DNS log has rows: two rules ask for each. */
const MAX_KNOWN = 262_144
const known = new Map<string, Domain | null>()

/** Null for addresses, for names without a registrable domain and for suffixes that nobody can register under (local, lan, arpa). */
export function domainOf(name: string): Domain | null {
  const found = known.get(name)
  if (found !== undefined) return found
  if (known.size >= MAX_KNOWN) known.clear()
  const domain = parseDomain(name)
  known.set(name, domain)
  return domain
}

function parseDomain(name: string): Domain | null {
  const tail = lastLabels(name, 3)
  // Where something stands before the registrable part of the last three labels, what is before those cannot matter.
  const short = tail === name ? null : domainOf(tail)
  if (short !== null && short.subdomain !== '') return { ...short, subdomain: name.slice(0, -short.registrable.length - 1) }
  const { domain, domainWithoutSuffix, publicSuffix, subdomain, isIcann } = parse(name, OPTIONS)
  if (!domain || !domainWithoutSuffix || !publicSuffix || isIcann !== true || publicSuffix.endsWith('arpa')) return null
  if (!DYNAMIC_DNS.has(domain) || !subdomain) {
    return { registrable: domain, label: domainWithoutSuffix, suffix: publicSuffix, subdomain: subdomain ?? '' }
  }
  const dot = subdomain.lastIndexOf('.')
  const label = subdomain.slice(dot + 1)
  return { registrable: `${label}.${domain}`, label, suffix: domain, subdomain: dot < 0 ? '' : subdomain.slice(0, dot) }
}

function lastLabels(name: string, count: number): string {
  let at = name.length
  for (let labels = 0; labels < count && at > 0; labels++) at = name.lastIndexOf('.', at - 1)
  return at <= 0 ? name : name.slice(at + 1)
}
