// Mining pools by what their clients say first: Stratum and its kin are JSON-RPC, a line each.
import { startsWith } from '../../names/http.ts'
import { Bounded } from './bounded.ts'
import type { MiningLogin } from './observations.ts'

const MAX_LOGINS = 10_000
/** The method stands near the front of the line. */
const SEARCHED_BYTES = 512
const METHODS = [
  'mining.subscribe',
  'mining.authorize',
  'mining.configure',
  'mining.submit',
  'mining.notify',
  'mining.set_difficulty',
  'mining.get_transactions',
  'mining.extranonce.subscribe',
  'eth_submitlogin',
  'eth_submitwork',
  'eth_getwork',
]
/** Monero's login is called just that; its parameters tell it from other JSON-RPC. */
const LOGIN = '"login"'
const LOGIN_PARAMETERS = ['"agent"', '"pass"', '"algo"']

export class MiningObserver {
  readonly list = new Bounded<MiningLogin>(MAX_LOGINS)

  /** A payload that begins with a brace. @returns true if it was a miner's */
  inspect(flow: number, bytes: Uint8Array, at: number, end: number, timeUs: number): boolean {
    const limit = Math.min(end, at + SEARCHED_BYTES)
    if (find(bytes, at, limit, '"method"') < 0) return false
    let method = METHODS.find((name) => find(bytes, at, limit, `"${name}"`) >= 0)
    if (
      method === undefined &&
      find(bytes, at, limit, LOGIN) >= 0 &&
      LOGIN_PARAMETERS.filter((name) => find(bytes, at, limit, name) >= 0).length >= 2
    )
      method = 'login'
    if (method === undefined) return false
    this.list.add({ flow, atUs: timeUs, method })
    return true
  }
}

function find(bytes: Uint8Array, at: number, end: number, text: string): number {
  for (let i = at; i + text.length <= end; i++) if (startsWith(bytes, i, end, text)) return i
  return -1
}
