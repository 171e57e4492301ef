// Files of the installed page, and a report's database as a download. No other file is ever sent.
import type { IncomingMessage } from 'node:http'
import { extname } from 'node:path'
import { Readable } from 'node:stream'
import { send } from '@fastify/send'
import type { ReportFile } from './report-files.ts'

/** All that the pages are made of. Names hold no slash and begin with no point, so there is no way up. */
const ASSET = /^(?:assets|analyzer|analyzer\/data|manual)\/[A-Za-z0-9_][A-Za-z0-9_.-]*\.(?:js|css|html)$/

const TYPES: Record<string, string> = { '.js': 'text/javascript; charset=utf-8' } // RFC 9239

/** Browsers may cache the response, but must revalidate it. */
export const REVALIDATED = 'private, no-cache'

/**
 * Sends a script or style of the installed page, whole or a range, or 304 if the client has it.
 * @param path below the page's folder, decoded
 * @returns null if there is no such file
 */
export async function serveAsset(request: IncomingMessage, siteDir: string, path: string): Promise<Response | null> {
  if (!ASSET.test(path)) return null
  const result = await send(request, `/${path}`, { root: siteDir, index: false, dotfiles: 'deny', maxAge: 0 })
  if (result.type !== 'file' && result.statusCode === 404) return null
  const headers = new Headers(result.headers)
  headers.set('cache-control', REVALIDATED)
  const type = TYPES[extname(path)]
  if (type !== undefined) headers.set('content-type', type)
  return new Response(result.statusCode === 304 ? null : toBody(result.stream, request.method), { status: result.statusCode, headers })
}

function toBody(stream: Readable, method: string | undefined): ReadableStream<Uint8Array> | null {
  if (method !== 'HEAD') return Readable.toWeb(stream) as ReadableStream<Uint8Array>
  stream.destroy()
  return null
}

/** Sends traffic.sqlite whole, or one range (RFC 9110, 14.2), so that an interrupted download can be continued. */
export function serveDatabase({ method, headers: asked }: IncomingMessage, file: ReportFile): Response {
  const etag = `"${file.version}"`
  const headers = new Headers({
    'content-type': 'application/vnd.sqlite3',
    'cache-control': REVALIDATED,
    'accept-ranges': 'bytes',
    etag,
    'last-modified': new Date(file.mtimeMs).toUTCString(),
  })
  if (asked['if-none-match'] === etag) return new Response(null, { status: 304, headers })
  const isSame = asked['if-range'] === undefined || asked['if-range'] === etag
  const [, from, to] = (isSame && /^bytes=(\d{0,15})-(\d{0,15})$/.exec(asked.range ?? '')) || []
  let [first, last] = [0, file.bytes - 1]
  if (from) [first, last] = [Number(from), to ? Math.min(Number(to), last) : last]
  else if (to) first = Math.max(0, file.bytes - Number(to))
  const isPart = Boolean(from || to)
  if (isPart && first > last) {
    headers.set('content-range', `bytes */${file.bytes}`)
    return new Response(null, { status: 416, headers })
  }
  headers.set('content-length', String(last - first + 1))
  if (isPart) headers.set('content-range', `bytes ${first}-${last}/${file.bytes}`)
  return new Response(method === 'HEAD' ? null : file.stream(first, last), { status: isPart ? 206 : 200, headers })
}
