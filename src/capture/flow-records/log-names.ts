// Names that a log has for servers and addresses -> checked, in a bounded list.
import { formatAddress, parseAddress } from '../../decode/address.ts'
import type { LogName } from './record.ts'
import { port } from './values.ts'

/** Names kept of one log. */
const MAX_NAMES = 200_000
/** The longest name of DNS (RFC 1035 2.3.4). */
const MAX_LENGTH = 255
const FULL = `more than ${MAX_NAMES} names are in the log`

interface Ends {
  client: string
  clientPort: number
  server: string
  serverPort: number
  /** IANA number. */
  protocol: number
}

export class LogNames {
  readonly list: LogName[] = []

  /** A name by which the client asked for the server. @returns null, or why the line is left out */
  addServer(source: LogName['source'], text: string, atUs: number | null, ends: Ends): string | null {
    // HTTP's Host may have a port.
    const name = source === 'http' ? text.replace(/:\d{1,5}$/, '') : text
    if (name === '' || name.length > MAX_LENGTH || parseAddress(name) !== null) return null
    const client = canonical(ends.client)
    const address = canonical(ends.server)
    const clientPort = port(ends.clientPort)
    const serverPort = port(ends.serverPort)
    if (atUs === null) return 'its time is not one'
    if (client === null || address === null || clientPort === null || serverPort === null)
      return 'its addresses and ports are not those of two ends'
    return this.add({ name, source, atUs, address, client: { address: client, port: clientPort, serverPort, protocol: ends.protocol } })
  }

  /** @param answers texts of addresses; others are passed over. @returns null, or why the line is left out */
  addAnswers(name: string, atUs: number | null, answers: readonly string[]): string | null {
    if (name === '' || name.length > MAX_LENGTH) return null
    if (atUs === null) return 'its time is not one'
    for (const answer of answers) {
      const address = canonical(answer)
      if (address !== null && this.add({ name, source: 'dns', atUs, address, client: null }) !== null) return FULL
    }
    return null
  }

  private add(name: LogName): string | null {
    if (this.list.length >= MAX_NAMES) return FULL
    this.list.push(name)
    return null
  }
}

/** Canonical text of an address, null if it is none. */
function canonical(text: string): string | null {
  const bytes = parseAddress(text)
  return bytes === null ? null : formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16)
}
