// A conversation of ICMP -> the message that it began with, which a report keeps only in the Community ID.
import { parseAddress } from '../decode/address.ts'
import { Protocol } from '../decode/codes.ts'
import { icmpAnswer, icmpOf } from '../flows/community-id.ts'
import type { ExportFlow } from './rows.ts'

interface Icmp {
  type: number
  /** 0 of a message that has an answer. */
  code: number
  /** Type of the answer that belongs to it; null: none does. */
  answer: number | null
}

/** Null for other protocols, rare types, addresses that are none, and a message of the server's. */
export function icmpMessage({ protocol, communityId, client, server }: ExportFlow): Icmp | null {
  if (protocol !== Protocol.icmp && protocol !== Protocol.icmpv6) return null
  const [source, target] = [parseAddress(client.address), parseAddress(server.address)]
  if (source === null || target === null) return null
  const message = icmpOf(communityId, protocol, source, target)
  if (message === null || message.isFromTarget) return null
  return { type: message.type, code: message.code, answer: icmpAnswer(protocol, message.type) }
}
