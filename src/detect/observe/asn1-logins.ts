// Logins inside ASN.1: simple binds of LDAP (RFC 4511 4.2) and the community of SNMP before version 3 (RFC 1157 4, RFC 1901 3).
import type { Accounts } from './accounts.ts'
import { DerTag, readDer } from './der.ts'
import { type Logins, maskUser } from './logins.ts'

const OCTET_STRING = 0x04
const ENUMERATED = 0x0a
const BIND_REQUEST = 0x60
const BIND_RESPONSE = 0x61
const SIMPLE = 0x80
const SUCCESS = 0
/** GetResponse (RFC 3416 3). */
const SNMP_RESPONSE = 0xa2
const SNMP_GET_BULK = 0xa5
const SNMP_VERSION_2C = 1
/** Managers ask for 10 to 50 rows; with at least 20 bytes per row, this many fill the largest datagram's first 10 kB. */
const AMPLIFYING_REPETITIONS = 500

/** An LDAP message of either side: a bind with a password, or the answer to one. */
export function inspectLdap(
  logins: Logins,
  accounts: Accounts,
  flow: number,
  direction: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  timeUs: number,
): void {
  const message = readDer(bytes, at, end)
  const id = message && readDer(bytes, message.at, message.end)
  const operation = id && readDer(bytes, id.end, message.end)
  if (!operation || id.tag !== DerTag.integer) return
  const first = readDer(bytes, operation.at, operation.end)
  if (first === null) return
  if (operation.tag === BIND_RESPONSE && first.tag === ENUMERATED) {
    const code = bytes[first.at]
    // 14: the negotiation goes on.
    if (first.end > first.at && code !== 14) logins.answer(flow, code === SUCCESS)
  } else if (operation.tag === BIND_REQUEST) {
    const name = readDer(bytes, first.end, operation.end)
    const secret = name && readDer(bytes, name.end, operation.end)
    // Without a name or a password the bind is anonymous (RFC 4513 5.1).
    if (secret !== null && secret.tag !== SIMPLE) accounts.inspectNtlm(flow, direction, bytes, secret.at, secret.end, 'ldap', timeUs)
    if (secret?.tag !== SIMPLE || secret.end === secret.at || name === null || name.end === name.at) return
    logins.attempt(flow, 'ldap', maskUser(bytes, nameValue(bytes, name.at, name.end), name.end), timeUs)
    accounts.addLdapName(flow, bytes, name.at, name.end, timeUs)
  }
}

/** The first value of a distinguished name, cn=admin,dc=... */
function nameValue(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === 0x3d) return i + 1
  return at
}

/**
 * An SNMP datagram of either side. Requests whose sender is most likely forged (the victim of a reflection attack) are no logins of that address.
 * @param isAnswer whether the agent sent it
 */
export function inspectSnmp(
  logins: Logins,
  flow: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  timeUs: number,
  isAnswer: boolean,
): void {
  const message = readDer(bytes, at, end)
  const version = message?.tag === DerTag.sequence ? readDer(bytes, message.at, message.end) : null
  const community = version && message && readDer(bytes, version.end, message.end)
  if (!message || version?.tag !== DerTag.integer || version.end - version.at !== 1 || bytes[version.at] > SNMP_VERSION_2C) return
  if (community?.tag !== OCTET_STRING || community.end === community.at || community.end >= message.end) return
  if (isAnswer || bytes[community.end] === SNMP_RESPONSE) logins.answer(flow, true)
  else if (!isAmplification(bytes, community.end, message.end)) logins.attempt(flow, 'snmp', '', timeUs)
}

/** A GetBulk request (RFC 3416 3) that asks for more rows than fit into a datagram: no manager does, attackers do in the name of their victim. */
function isAmplification(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] !== SNMP_GET_BULK) return false
  const request = readDer(bytes, at, end)
  const id = request && readDer(bytes, request.at, request.end)
  const nonRepeaters = request && id && readDer(bytes, id.end, request.end)
  const repetitions = request && nonRepeaters && readDer(bytes, nonRepeaters.end, request.end)
  if (!repetitions || repetitions.tag !== DerTag.integer) return false
  let count = 0
  for (let i = repetitions.at; i < Math.min(repetitions.end, repetitions.at + 4); i++) count = count * 256 + bytes[i]
  return count >= AMPLIFYING_REPETITIONS
}
