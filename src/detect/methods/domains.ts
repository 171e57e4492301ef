// Host names -> registrable domains, with the Public Suffix List (publicsuffix.org) of the library tldts.
import { parse } from 'tldts'

export interface Domain {
  /** The registrable domain: example.co.uk. */
  registrable: string
  /** Its first label: example. */
  label: string
  /** Its public suffix: co.uk. */
  suffix: string
  /** The labels before it, "" for none: www. */
  subdomain: string
}

/** Dynamic DNS services: everyone can get a name under theirs, so the registrable domain is the name below. */
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
/** Size of the cache: as many names as the DNS log has rows, because two rules look up each name. */
const MAX_KNOWN = 262_144
const known = new Map<string, Domain | null>()

/** Null for addresses, for names without a registrable domain, and for suffixes that nobody can register under (local, lan, arpa). */
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
  // When the last three labels contain more than a registrable domain, further labels cannot change it.
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
