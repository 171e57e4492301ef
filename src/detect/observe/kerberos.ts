// Kerberos (RFC 4120 5.4, 5.9) -> whom a message names, and how it is protected. The fields read are in clear text; tickets and keys are encrypted and not read.
import { plainText } from '../../names/text.ts'
import { type DerElement, readDer } from './der.ts'

export interface KerberosMessage {
  kind: 'as-request' | 'as-reply' | 'tgs-request' | 'tgs-reply' | 'error'
  /** Of the client, components joined by slashes; '' for none. Of a reply: the receiver, never the sender. */
  principal: string
  realm: string
  /** NetBIOS names among the addresses of a request, without padding. */
  netbiosNames: string[]
  /** A request that proves who asks (PROOFS). */
  isPreauthenticated: boolean
  /** A request's encryption types (RFC 3961 8) in the order of preference. */
  encryptions: number[]
  /** Of a reply's ticket: the service, components joined by slashes; '' for none. */
  service: string
  /** Encryption type of a reply's ticket; 0 for none. */
  ticketEncryption: number
  /** Of an error (RFC 4120 7.5.9); 0 for none. */
  errorCode: number
}

const KINDS = new Map<number, KerberosMessage['kind']>([
  [0x6a, 'as-request'],
  [0x6b, 'as-reply'],
  [0x6c, 'tgs-request'],
  [0x6d, 'tgs-reply'],
  [0x7e, 'error'],
])
const Request = { padata: 0xa3, body: 0xa4 } as const
const RequestBody = { cname: 0xa1, realm: 0xa2, encryptions: 0xa8, addresses: 0xa9 } as const
const Reply = { realm: 0xa3, cname: 0xa4, ticket: 0xa5 } as const
const Ticket = { service: 0xa2, encrypted: 0xa3 } as const
const KrbError = { code: 0xa6, realm: 0xa7, cname: 0xa8 } as const
const NAME_STRING = 0xa1
const ADDRESS = 0xa1
const PADATA_TYPE = 0xa1
const ENCRYPTION = 0xa0
/** PA-ENC-TIMESTAMP, PA-PK-AS-REQ and its older form, PA-ENCRYPTED-CHALLENGE, PA-FX-FAST (which wraps one). */
const PROOFS = new Set([2, 14, 15, 16, 17, 136, 138])
/** Components of a principal, addresses, padata and encryption types of a request. */
const MAX_PARTS = 16
/** RFC 4120 7.5.3: address type "Netbios", a name of 16 bytes whose last is its suffix. */
const NETBIOS_BYTES = 16

/** @param at of the message: over TCP, behind its length @returns null if it is no message between a client and a KDC */
export function parseKerberos(bytes: Uint8Array, at: number, end: number): KerberosMessage | null {
  const message = readElement(bytes, at, end)
  const kind = message === null ? undefined : KINDS.get(message.tag)
  if (message === null || kind === undefined) return null
  const sequence = readElement(bytes, message.at, message.end)
  if (sequence === null) return null
  const fields = { kind, ...NONE }
  if (kind === 'error') return { ...fields, ...readError(bytes, sequence) }
  return { ...fields, ...(kind === 'as-reply' || kind === 'tgs-reply' ? readReply(bytes, sequence) : readRequest(bytes, sequence)) }
}

const NONE: Omit<KerberosMessage, 'kind'> = {
  principal: '',
  realm: '',
  netbiosNames: [],
  isPreauthenticated: false,
  encryptions: [],
  service: '',
  ticketEncryption: 0,
  errorCode: 0,
}

function readRequest(bytes: Uint8Array, sequence: DerElement): Partial<KerberosMessage> {
  const body = field(bytes, sequence, Request.body)
  return {
    principal: principalOf(bytes, field(bytes, body, RequestBody.cname)),
    realm: textOf(bytes, field(bytes, body, RequestBody.realm)),
    netbiosNames: netbiosNames(bytes, field(bytes, body, RequestBody.addresses)),
    isPreauthenticated: children(bytes, field(bytes, sequence, Request.padata)).some((entry) =>
      PROOFS.has(integerOf(bytes, field(bytes, entry, PADATA_TYPE))),
    ),
    encryptions: children(bytes, field(bytes, body, RequestBody.encryptions)).map((entry) => integerOf(bytes, entry)),
  }
}

function readReply(bytes: Uint8Array, sequence: DerElement): Partial<KerberosMessage> {
  // The ticket is an element of its own tag around its sequence.
  const ticket = inside(bytes, field(bytes, sequence, Reply.ticket))
  return {
    principal: principalOf(bytes, field(bytes, sequence, Reply.cname)),
    realm: textOf(bytes, field(bytes, sequence, Reply.realm)),
    service: principalOf(bytes, field(bytes, ticket, Ticket.service)),
    ticketEncryption: integerOf(bytes, field(bytes, field(bytes, ticket, Ticket.encrypted), ENCRYPTION)),
  }
}

function readError(bytes: Uint8Array, sequence: DerElement): Partial<KerberosMessage> {
  return {
    principal: principalOf(bytes, field(bytes, sequence, KrbError.cname)),
    realm: textOf(bytes, field(bytes, sequence, KrbError.realm)),
    errorCode: integerOf(bytes, field(bytes, sequence, KrbError.code)),
  }
}

function principalOf(bytes: Uint8Array, principal: DerElement | null): string {
  return children(bytes, field(bytes, principal, NAME_STRING))
    .map((part) => plainText(bytes, part.at, part.end))
    .join('/')
}

function textOf(bytes: Uint8Array, text: DerElement | null): string {
  return text === null ? '' : plainText(bytes, text.at, text.end)
}

/** Of at most four bytes, signed; 0 for anything else. */
function integerOf(bytes: Uint8Array, integer: DerElement | null): number {
  if (integer === null || integer.end - integer.at > 4) return 0
  let value = 0
  for (let at = integer.at; at < integer.end; at++) value = (value << 8) | bytes[at]
  const unused = 32 - 8 * (integer.end - integer.at)
  return (value << unused) >> unused
}

function netbiosNames(bytes: Uint8Array, addresses: DerElement | null): string[] {
  const names: string[] = []
  for (const entry of children(bytes, addresses)) {
    const address = field(bytes, entry, ADDRESS)
    if (address !== null && address.end - address.at === NETBIOS_BYTES) names.push(plainText(bytes, address.at, address.end - 1))
  }
  return names
}

/** Long messages are cut at the captured bytes: the names are at their beginning. */
function readElement(bytes: Uint8Array, at: number, end: number): DerElement | null {
  return readDer(bytes, at, end, true)
}

/** What is inside of the first element with a tag, among few. */
function field(bytes: Uint8Array, parent: DerElement | null, tag: number): DerElement | null {
  return inside(bytes, children(bytes, parent).find((element) => element.tag === tag) ?? null)
}

function inside(bytes: Uint8Array, parent: DerElement | null): DerElement | null {
  return parent === null ? null : readElement(bytes, parent.at, parent.end)
}

function children(bytes: Uint8Array, parent: DerElement | null): DerElement[] {
  const found: DerElement[] = []
  for (let next = parent?.at ?? 0; parent !== null && found.length < MAX_PARTS; ) {
    const element = readElement(bytes, next, parent.end)
    if (element === null) break
    found.push(element)
    next = element.end
  }
  return found
}
