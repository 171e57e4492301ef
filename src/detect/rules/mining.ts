// A host works for a mining pool: seen from the Stratum protocol or from the name of the pool.
import { type Context, defineRule, type Finding } from '../engine/finding.ts'
import { fact, measured, option } from '../engine/thresholds.ts'
import { bytes, list, plural, span } from '../engine/wording.ts'
import { FlowSample } from '../methods/flow-sample.ts'
import { timesOf } from '../methods/grouped-flows.ts'
import { append, onlyOne } from '../methods/lists.ts'

/** Public pools, by the last two labels of their names. */
const POOLS = new Set(
  [
    'minexmr.com supportxmr.com nanopool.org moneroocean.stream hashvault.pro xmrpool.eu xmrpool.net xmr.pt minergate.com crypto-pool.fr monerohash.com',
    'dwarfpool.com ethermine.org 2miners.com f2pool.com antpool.com viabtc.com slushpool.com braiins.com nicehash.com poolin.com btc.com ethpool.org',
    'flypool.org miningpoolhub.com prohashing.com zpool.ca unmineable.com herominers.com woolypooly.com flexpool.io hiveon.net hiveon.com suprnova.cc',
    'c3pool.com c3pool.org skypool.org monerod.org bohemianpool.com kryptex.network  minexmr.to sparkpool.com',
    'coinhive.com coin-hive.com authedmine.com jsecoin.com crypto-loot.com cryptoloot.pro webminepool.com coinimp.com minero.cc',
  ]
    .join(' ')
    .split(' '),
)

export const mining = defineRule({
  id: 'mining',
  version: 1,
  readsObservations: true,
  title: 'A host mines cryptocurrency for a pool',
  technique: 'T1496',
  severity: 'high',
  source:
    'Stratum (mining.subscribe, mining.authorize; login of Monero pools, eth_submitLogin) read in the first message; names of public pools',
  options: {
    conversations: option(1, '', 'conversations of one host with pools'),
  },
  run(context, options) {
    const { flows, names, observations } = context
    const methods = new Map(observations.mining.map(({ flow, method }) => [flow, method]))
    const byMiner = new Map<number, number[]>()
    // Few hosts have the name of a pool: only their conversations are checked.
    const pools = new Set(names.names.filter(({ name }) => isPool(name)).map(({ host }) => host))
    for (let flow = 0; flow < flows.count && pools.size + methods.size > 0; flow++) {
      const isCalled = pools.has(flows.server(flow)) && isPool(names.ofFlow(flow).serverName)
      if (!isCalled && !methods.has(flow)) continue
      const client = flows.client(flow)
      append(byMiner, client, flow)
    }
    return [...byMiner]
      .filter(([, own]) => own.length >= options.conversations)
      .map(([client, own]) => describe(context, client, own, methods, options))
  },
})

function isPool(name: string | null): boolean {
  if (name === null) return false
  return POOLS.has(name.slice(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1))
}

function describe(
  { flows, hosts, names }: Context,
  client: number,
  own: number[],
  methods: Map<number, string>,
  options: Record<string, number>,
): Finding {
  const spoken = [...new Set(own.map((flow) => methods.get(flow)).filter((method) => method !== undefined))]
  const servers = flows.servers(own)
  const pools = [...new Set(own.map((flow) => names.ofFlow(flow).serverName).filter((name) => name !== null))]
  const { firstUs, lastUs } = timesOf(flows, own)
  const isSpoken = spoken.length > 0
  const where = pools.length > 0 ? list(pools) : list(servers.map((server) => hosts.ip(server)))
  return {
    severity: isSpoken ? 'high' : 'medium',
    severityReason: isSpoken
      ? 'The host speaks the language of miners: somebody uses its power and electricity.'
      : 'Only the name of the pool tells: it may have been a look at its web site.',
    title: `${hosts.ip(client)} ${isSpoken ? 'mines for' : 'talked to'} the pool ${where}, for ${span(lastUs - firstUs)}.`,
    nextStep: `Find the process on ${hosts.ip(client)} that uses the processor, who started it, and how it came there.`,
    firstUs,
    lastUs,
    source: client,
    target: onlyOne(servers),
    observed: [
      measured('conversations', own.length, options.conversations),
      fact('first call', isSpoken ? list(spoken) : 'not seen'),
      fact('pools', plural(servers.length, 'server')),
      fact('exchanged', bytes(own.reduce((sum, flow) => sum + flows.clientBytes(flow) + flows.serverBytes(flow), 0))),
    ],
    picture: null,
    flows: FlowSample.of(own),
    ports: flows.serverPorts(own),
    ...(pools.length > 0 ? { names: pools } : {}),
  }
}
