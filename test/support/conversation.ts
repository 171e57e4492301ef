// One TCP conversation as frames, segment by segment, and a capture of them.
import { ethernet, ipv4, join, type Part, tcp } from './build.ts'
import { pcapHeader, pcapRecord } from './capture-files.ts'

export const [CLIENT, SERVER] = ['10.0.0.5', '203.0.113.9']
export const SEGMENT = 1000

/** One conversation, segment by segment; sequence numbers pass 2^32 early. */
export class Conversation {
  private readonly next = { client: 2 ** 32 - 1500, server: 2 ** 32 - 700 }
  private readonly frames: Uint8Array[]
  private readonly clientPort: number
  private readonly serverPort: number
  private readonly opener: 'client' | 'server'

  /** @param opener that sends the SYN: of active FTP data, the server */
  constructor(frames: Uint8Array[], clientPort: number, serverPort: number, opener: 'client' | 'server' = 'client') {
    this.frames = frames
    this.clientPort = clientPort
    this.serverPort = serverPort
    this.opener = opener
    this.send(opener, '', 'S')
    this.send(opener === 'client' ? 'server' : 'client', '', 'SA')
  }

  /** Text or bytes, cut into segments. */
  send(from: 'client' | 'server', data: Part, flags = 'PA'): this {
    const bytes = join(data)
    for (let at = 0; at === 0 || at < bytes.length; at += SEGMENT) {
      const piece = bytes.subarray(at, at + SEGMENT)
      const more = { sequence: this.next[from], acknowledgment: this.next[from === 'client' ? 'server' : 'client'] }
      const layer =
        from === 'client'
          ? ipv4(CLIENT, SERVER, tcp(this.clientPort, this.serverPort, flags, piece, more))
          : ipv4(SERVER, CLIENT, tcp(this.serverPort, this.clientPort, flags, piece, more))
      this.frames.push(ethernet(layer))
      this.next[from] = (this.next[from] + piece.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0
    }
    return this
  }

  close(): void {
    this.send(this.opener, '', 'FA')
    this.send(this.opener === 'client' ? 'server' : 'client', '', 'FA')
  }
}

export const pcapOf = (frames: Uint8Array[]) =>
  join(pcapHeader(), ...frames.map((bytes, i) => pcapRecord({ atUs: 1_700_000_000_000_000 + i * 10_000, bytes })))
