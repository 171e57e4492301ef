// TCP flags of both ends, or packets -> the state of a conversation in Zeek's terms (conn_state, base/protocols/conn).
import { Protocol, TcpFlag } from '../decode/codes.ts'

/** Which end first reset the open connection; flags alone do not show it. */
export const Reset = { none: 0, byFirst: 1, byOther: 2 } as const

export type ConnectionState = 'S0' | 'S1' | 'SF' | 'REJ' | 'S2' | 'S3' | 'RSTO' | 'RSTR' | 'RSTOS0' | 'RSTRH' | 'SH' | 'SHR' | 'OTH'

/** Input of connectionState(): packets and flags by client (originator) and server (responder). */
export interface Ends {
  clientPackets: number
  serverPackets: number
  clientFlags: number
  serverFlags: number
  resetBy: 'client' | 'server' | null
}

export function connectionState(protocol: number, ends: Ends): ConnectionState {
  if (protocol !== Protocol.tcp) return ends.serverPackets === 0 ? 'S0' : ends.clientPackets === 0 ? 'SHR' : 'SF'
  const opened = (ends.clientFlags & TcpFlag.syn) !== 0
  const accepted = (ends.serverFlags & TcpFlag.syn) !== 0
  if (ends.resetBy === 'server') {
    if (opened) return accepted ? 'RSTR' : 'REJ'
    return accepted ? 'RSTRH' : 'OTH'
  }
  if (ends.resetBy === 'client') {
    if (opened) return accepted ? 'RSTO' : 'RSTOS0'
    return 'OTH'
  }
  const clientFin = (ends.clientFlags & TcpFlag.fin) !== 0
  const serverFin = (ends.serverFlags & TcpFlag.fin) !== 0
  if (opened && accepted) {
    if (clientFin) return serverFin ? 'SF' : 'S2'
    return serverFin ? 'S3' : 'S1'
  }
  if (opened) {
    if (ends.serverPackets === 0) return clientFin ? 'SH' : 'S0'
    return 'OTH'
  }
  if (accepted && ends.clientPackets === 0 && serverFin) return 'SHR'
  return 'OTH'
}
