// Files of a report: a short list of names that may be asked for, and nothing else in the folder.

import { open, realpath } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { extname, join, sep } from 'node:path'
import { Readable } from 'node:stream'
import { send } from '@fastify/send'
import { policyOf } from './headers.ts'

/** All that a report is made of. Names of assets hold no slash, so there is no way up. */
const SERVED = /^(?:index\.html|report\.html|report\.md|traffic\.sqlite|assets\/(?:data\/)?[A-Za-z0-9_][A-Za-z0-9_.-]*\.(?:js|css))$/

/** Enough to hold the policy in a page's head. */
const HEAD_BYTES = 4096

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8', // RFC 9239
  '.md': 'text/markdown; charset=utf-8',
  '.sqlite': 'application/vnd.sqlite3',
}

/**
 * Answers with a file of a report's folder, whole or in part, or 304 if the reader has it.
 * @param path below the folder, decoded
 * @returns null if there is no such file to be served
 */
export async function serveFile(request: IncomingMessage, folder: string, path: string): Promise<Response | null> {
  if (!SERVED.test(path)) return null
  const file = await realpath(join(folder, path)).catch(() => null)
  const root = await realpath(folder).catch(() => null)
  if (file === null || root === null || !file.startsWith(root + sep)) return null // a link that leads out
  const result = await send(request, `/${path}`, { root, index: false, dotfiles: 'deny', maxAge: 0 })
  if (result.type !== 'file' && result.statusCode === 404) return null
  const headers = new Headers(result.headers)
  headers.set('cache-control', 'private, no-cache')
  const type = TYPES[extname(path)]
  if (type !== undefined) headers.set('content-type', type)
  if (path.endsWith('.html')) headers.set('content-security-policy', policyOf(await headOf(file)))
  return new Response(result.statusCode === 304 ? null : toBody(result.stream, request.method), { status: result.statusCode, headers })
}

function toBody(stream: Readable, method: string | undefined): ReadableStream<Uint8Array> | null {
  if (method !== 'HEAD') return Readable.toWeb(stream) as ReadableStream<Uint8Array>
  stream.destroy()
  return null
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
