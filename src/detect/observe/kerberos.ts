// Kerberos (RFC 4120 5.4) -> the client that a request or a reply names. The fields read are in clear text; tickets and keys are encrypted and not read.
import { plainText } from '../../names/text.ts'
import { type DerElement, readDer } from './der.ts'

export interface KerberosClient {
  /** Of a reply: the client is the receiver, never the sender. */
  isReply: boolean
  /** Components of the principal, joined by slashes; '' for none. */
  principal: string
  realm: string
  /** NetBIOS names among the addresses of a request, without padding. */
  netbiosNames: string[]
}

const AS_REQUEST = 0x6a
const AS_REPLY = 0x6b
const TGS_REPLY = 0x6d
const REQUEST_BODY = 0xa4
const REQUEST = { cname: 0xa1, realm: 0xa2, addresses: 0xa9 } as const
const REPLY = { realm: 0xa3, cname: 0xa4 } as const
const NAME_STRING = 0xa1
const ADDRESS = 0xa1
/** Components of a principal, and addresses of a request. */
const MAX_PARTS = 8
/** RFC 4120 7.5.3: address type "Netbios", a name of 16 bytes whose last is its suffix. */
const NETBIOS_BYTES = 16

/** @param at of the message: over TCP, behind its length @returns null if it is not a request or reply of a KDC */
export function parseKerberosClient(bytes: Uint8Array, at: number, end: number): KerberosClient | null {
  const message = readElement(bytes, at, end)
  if (message === null || message.tag < AS_REQUEST || message.tag > TGS_REPLY) return null
  const isReply = message.tag === AS_REPLY || message.tag === TGS_REPLY
  const sequence = readElement(bytes, message.at, message.end)
  const body = isReply ? sequence : inside(bytes, child(bytes, sequence, REQUEST_BODY))
  if (body === null) return null
  const fields = isReply ? REPLY : REQUEST
  const realm = inside(bytes, child(bytes, body, fields.realm))
  const names = inside(bytes, child(bytes, inside(bytes, child(bytes, body, fields.cname)), NAME_STRING))
  const parts = children(bytes, names).map((part) => plainText(bytes, part.at, part.end))
  return {
    isReply,
    principal: parts.join('/'),
    realm: realm === null ? '' : plainText(bytes, realm.at, realm.end),
    netbiosNames: isReply ? [] : netbiosNames(bytes, inside(bytes, child(bytes, body, REQUEST.addresses))),
  }
}

function netbiosNames(bytes: Uint8Array, addresses: DerElement | null): string[] {
  const names: string[] = []
  for (const entry of children(bytes, addresses)) {
    const address = inside(bytes, child(bytes, entry, ADDRESS))
    if (address !== null && address.end - address.at === NETBIOS_BYTES) names.push(plainText(bytes, address.at, address.end - 1))
  }
  return names
}

/** Long messages are cut at the captured bytes: the names are at their beginning. */
function readElement(bytes: Uint8Array, at: number, end: number): DerElement | null {
  return readDer(bytes, at, end, true)
}

/** The first element with a tag, among few. */
function child(bytes: Uint8Array, parent: DerElement | null, tag: number): DerElement | null {
  return children(bytes, parent, 2 * MAX_PARTS).find((element) => element.tag === tag) ?? null
}

function inside(bytes: Uint8Array, parent: DerElement | null): DerElement | null {
  return parent === null ? null : readElement(bytes, parent.at, parent.end)
}

function children(bytes: Uint8Array, parent: DerElement | null, most = MAX_PARTS): DerElement[] {
  const found: DerElement[] = []
  for (let next = parent?.at ?? 0; parent !== null && found.length < most; ) {
    const element = readElement(bytes, next, parent.end)
    if (element === null) break
    found.push(element)
    next = element.end
  }
  return found
}
