// Headers of every answer: nothing may be framed, guessed, embedded elsewhere, or tell where a reader came from.
import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from './env.ts'
import { hstsFor } from './tls.ts'

/** The player's own policy (site/src/app/Page.astro), with what only a header can say. Live pages also open a WebSocket to this server. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "blob: 'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'connect-src': "'self'",
  'font-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

const HASH = /'sha(?:256|384|512)-[A-Za-z0-9+/=]+'/g

export const STRICT_HEADERS: Record<string, string> = {
  'content-security-policy': policy(),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
}

/** Puts the headers on every answer that did not set its own. */
export const strictHeaders: MiddlewareHandler<Env> = async (context, next) => {
  await next()
  const { socket, headers } = context.env.incoming
  const hsts = 'encrypted' in socket ? hstsFor(headers.host) : null
  if (hsts !== null) context.header('strict-transport-security', hsts)
  for (const [name, value] of Object.entries(STRICT_HEADERS)) if (!context.res.headers.has(name)) context.header(name, value)
}

/**
 * The policy for an HTML file: ours, plus the hashes of inline elements that the page's own policy names (one-file reports and printed
 * pages have some). Whatever else a page asks for in its own policy stays forbidden.
 * @param head the first kilobytes of the file
 */
export function policyOf(head: string): string {
  const own = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(head)?.[1] ?? ''
  const hashes = (directive: string) =>
    new RegExp(`(?:^|;) *${directive} ([^;]*)`).exec(own.replaceAll('&#39;', "'"))?.[1]?.match(HASH) ?? []
  return policy({ 'script-src': hashes('script-src'), 'style-src': hashes('style-src') })
}

/** The policy of the pages that have a form, or the one script that goes on. */
export function signInPolicy(styleHash: string, scriptHash: string | null = null): string {
  const script = scriptHash === null ? '' : ` script-src '${scriptHash}';`
  return `default-src 'none'; style-src '${styleHash}';${script} form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}

function policy(more: Partial<Record<keyof typeof POLICY, string[]>> = {}): string {
  return Object.entries(POLICY)
    .map(([directive, sources]) => [directive, sources, ...(more[directive as keyof typeof POLICY] ?? [])].join(' '))
    .join('; ')
}

/** Lets the pages of one foreign origin read this answer; they send the key themselves, cookies stay out (Fetch, CORS protocol). */
export function allowOrigin(context: Context, origin: string): void {
  context.header('access-control-allow-origin', origin)
  context.header('vary', 'Origin')
  context.header('cross-origin-resource-policy', 'cross-origin')
}
