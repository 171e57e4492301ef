// The dashboard's cards that rank something, in their order: what the worker counts for each is in worker/answers/dashboard.ts.

interface Wording {
  title: string
  /** Text where there is nothing to rank. */
  none: string
}

export const RANKED_CARDS = {
  applications: { title: 'Applications', none: 'No traffic.' },
  talkers: { title: 'Top talkers', none: 'No hosts.' },
  countries: { title: 'Countries', none: 'No host of this traffic was located in a country.' },
  networks: {
    title: 'Networks (ASN)',
    none: 'No host has a known network. Analyze with an ASN database and a City database to see them.',
  },
  ports: { title: 'Server ports', none: 'No traffic with ports.' },
  outcomes: { title: 'TCP outcomes', none: 'No TCP connections.' },
} as const satisfies Record<string, Wording>

export type RankedCard = keyof typeof RANKED_CARDS

export const RANKED = Object.keys(RANKED_CARDS) as readonly RankedCard[]
