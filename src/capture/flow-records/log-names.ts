// Names that a log has for servers and addresses, and its DNS messages -> checked, in bounded lists.
import { formatAddress, parseAddress } from '../../decode/address.ts'
import { WITH_PORTS } from './fill.ts'
import { HOST_NAME_SOURCES, type LogEnds, type LogHostName, type LogMessage, type LogName } from './record.ts'
import { copyOf, packets, port } from './values.ts'

/** Names, and messages of DNS, kept of one log. */
const MAX_ROWS = 200_000
/** Answers kept of one message. */
const MAX_ANSWERS = 64
/** The longest name of DNS (RFC 1035 2.3.4). */
const MAX_LENGTH = 255
const FULL = `more than ${MAX_ROWS} names are in the log`

export class LogNames {
  readonly list: LogName[] = []
  readonly ofHosts: LogHostName[] = []
  readonly messages: LogMessage[] = []
  private readonly texts = new Map<string, string>()
  private readonly areConversationsKnown: boolean

  /** @param areConversationsKnown the log has names and applications of conversations beside these names and messages */
  constructor(areConversationsKnown = false) {
    this.areConversationsKnown = areConversationsKnown
  }

  /** A name by which the client asked for the server, its fingerprint, or both. @returns null, or why the line is left out */
  addServer(source: LogName['source'], text: string, atUs: number | null, logged: LogEnds, fingerprint = ''): string | null {
    // HTTP's Host may have a port, and IPv6 brackets.
    const host = source === 'http' ? text.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1') : text
    const name = host.length > MAX_LENGTH ? '' : host
    const ja4 = fingerprint.length > MAX_LENGTH ? '' : fingerprint
    if (name === '' && ja4 === '') return null
    const ends = checked(logged)
    if (atUs === null) return 'its time is not one'
    if (ends === null) return 'its addresses and ports are not those of two ends'
    return this.addName({ name: this.own(name), ja4: this.own(ja4), source, atUs, address: ends.server, ends })
  }

  /** A name that a host has, whatever its conversations; from unknown sources it is passed over. @returns null, or why the line is left out */
  addHostName(ip: string, name: string, from: string, firstUs: number | null, count: number): string | null {
    const source = HOST_NAME_SOURCES.find((known) => known === from)
    if (source === undefined || name === '' || name.length > MAX_LENGTH) return null
    const address = canonical(ip)
    if (firstUs === null) return 'its time is not one'
    if (address === null) return 'its address is not one'
    if (!packets(count)) return 'it counts no packet'
    if (this.ofHosts.length >= MAX_ROWS) return FULL
    this.ofHosts.push({ address, name: this.own(name), source, firstUs, count })
    return null
  }

  /** A question or an answer of DNS; the addresses in an answer get its name. @returns null, or why the line is left out */
  addMessage(message: Omit<LogMessage, 'atUs' | 'tellsApplication'> & { atUs: number | null }): string | null {
    const { name, atUs } = message
    if (name === '' || name.length > MAX_LENGTH) return null
    const ends = checked(message.ends)
    if (atUs === null) return 'its time is not one'
    if (ends === null) return 'its addresses and ports are not those of two ends'
    if (this.messages.length >= MAX_ROWS) return FULL
    const answers = message.answers.filter(({ length }) => length <= MAX_LENGTH).slice(0, MAX_ANSWERS)
    const own = (text: string) => this.own(text.slice(0, MAX_LENGTH))
    const texts = { name: own(name), type: own(message.type), responseCode: own(message.responseCode), answers: answers.map(own) }
    this.messages.push({ ...message, ...texts, atUs, ends, tellsApplication: !this.areConversationsKnown })
    for (const answer of this.areConversationsKnown ? [] : texts.answers) {
      const address = canonical(answer)
      if (address !== null && this.addName({ name: texts.name, ja4: '', source: 'dns', atUs, address, ends: null }) !== null) return FULL
    }
    return null
  }

  /** Equal texts share one string. */
  private own(text: string): string {
    const known = this.texts.get(text)
    if (known !== undefined) return known
    const copy = copyOf(text)
    this.texts.set(copy, copy)
    return copy
  }

  private addName(name: LogName): string | null {
    if (this.list.length >= MAX_ROWS) return FULL
    this.list.push(name)
    return null
  }
}

function checked(ends: LogEnds): LogEnds | null {
  const client = canonical(ends.client)
  const server = canonical(ends.server)
  const hasPorts = WITH_PORTS.has(ends.protocol) && ends.isPortless !== true
  const clientPort = hasPorts ? port(ends.clientPort) : -1
  const serverPort = hasPorts ? port(ends.serverPort) : -1
  const isWhole = client !== null && server !== null && clientPort !== null && serverPort !== null
  return isWhole ? { client, clientPort, server, serverPort, protocol: ends.protocol } : null
}

/** Canonical text of an address, null if it is none. */
function canonical(text: string): string | null {
  const bytes = parseAddress(text)
  return bytes === null ? null : formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16)
}
