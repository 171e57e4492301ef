// DNS answers of several captures -> names of conversations: an address is looked up in one capture, and used in a later one.
import { compare } from '../compare.ts'
import type { HostTable } from '../flows/hosts.ts'
import { isHostName } from './dns.ts'
import type { FlowNames, NamesByFlow } from './flow-names.ts'
import { type DnsRecord, latest } from './host-names.ts'

const WITH_ADDRESSES = new Set(['A', 'AAAA'])

/** An answer names an address that is a host here. */
export interface DnsAnswer {
  host: number
  atUs: number
  name: string
}

/** Conversations that are named; their clients may be either end. */
interface Conversations {
  count: number
  startUs(flow: number): number
  server(flow: number): number
  /** Whether several captures have a piece of it, each with a name of its own. */
  isJoined(flow: number): boolean
}

/** Of one message of DNS (not mDNS or LLMNR, whose hosts are on the link and send packets themselves). @param answers an answer has names, too */
export function answersOf(name: string, type: string, answers: readonly string[], atUs: number, hosts: HostTable): DnsAnswer[] {
  if (!WITH_ADDRESSES.has(type) || !isHostName(name)) return []
  const named = [...new Set(answers)].map((address) => hosts.findText(address))
  return named.filter((host) => host >= 0).map((host) => ({ host, atUs, name }))
}

export function compareAnswers(a: DnsAnswer, b: DnsAnswer): number {
  return a.atUs - b.atUs || compare(a.name, b.name)
}

/** Names conversations in `byFlow` by the last answer of any capture before they began, where the client asked the server for no other name. @param answers by compareAnswers() */
export function nameConversations(answers: readonly DnsAnswer[], flows: Conversations, { distinct, indexes }: NamesByFlow): void {
  if (answers.length === 0) return
  const byHost = new Map<number, { records: DnsRecord[]; names: Set<string> }>()
  for (const { host, atUs, name } of answers) {
    const { records, names } = byHost.get(host) ?? { records: [], names: new Set() }
    byHost.set(host, { records, names })
    if (records.at(-1)?.name !== name) records.push({ atUs, name, source: 'dns' })
    names.add(name)
  }
  /** By the number of the names that a conversation had, and its new name. */
  const numbers = new Map<string, number>()
  for (let flow = 0; flow < flows.count; flow++) {
    const looked = byHost.get(flows.server(flow))
    const known = distinct[indexes[flow]]
    if (looked === undefined || !mayBeRenamed(known, looked.names)) continue
    const record = latest(looked.records, flows.startUs(flow))
    // A later piece may have a name that was looked up when the conversation had begun; of a whole one, the answer may be in no row.
    if (record === null && !flows.isJoined(flow)) continue
    const [serverName, serverNameSource] = [record?.name ?? null, record?.source ?? null]
    if (serverName === known.serverName) continue
    const key = JSON.stringify([indexes[flow], serverName])
    const number = numbers.get(key) ?? distinct.push({ ...known, serverName, serverNameSource }) - 1
    numbers.set(key, number)
    indexes[flow] = number
  }
}

/** A name of an answer that is in no row is kept. In whatever steps reports are merged, the last of all answers is taken. */
function mayBeRenamed({ serverName, serverNameSource }: FlowNames, looked: ReadonlySet<string>): boolean {
  return serverName === null || (serverNameSource === 'dns' && looked.has(serverName))
}
