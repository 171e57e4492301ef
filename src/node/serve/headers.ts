// Headers of every response: no framing, no MIME sniffing, no embedding by other sites, no referrer.
import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from './env.ts'
import { hstsFor } from './tls.ts'

/** The policy of the player's page (site/src/app/Page.astro), with the directives that only a header can have. Live pages also open a WebSocket. */
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

const STRICT_HEADERS: Record<string, string> = {
  'content-security-policy': policy(),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
}

/** Adds the headers to every response that did not set its own. */
export const strictHeaders: MiddlewareHandler<Env> = async (context, next) => {
  await next()
  const { socket, headers } = context.env.incoming
  const hsts = 'encrypted' in socket ? hstsFor(headers.host) : null
  if (hsts !== null) context.header('strict-transport-security', hsts)
  for (const [name, value] of Object.entries(STRICT_HEADERS)) if (!context.res.headers.has(name)) context.header(name, value)
}

/**
 * The policy of an HTML file: the server's policy, plus the hashes of inline elements in the page's own policy (one-file reports and
 * printable pages have some). Everything else in the page's own policy is ignored.
 * @param head the first kilobytes of the file
 */
export function policyOf(head: string): string {
  const own = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(head)?.[1] ?? ''
  const hashes = (directive: string) =>
    new RegExp(`(?:^|;) *${directive} ([^;]*)`).exec(own.replaceAll('&#39;', "'"))?.[1]?.match(HASH) ?? []
  return policy({ 'script-src': hashes('script-src'), 'style-src': hashes('style-src') })
}

/** The policy of pages with a form, and of the page with the redirect script. */
export function signInPolicy(styleHash: string, scriptHash: string | null = null): string {
  const script = scriptHash === null ? '' : ` script-src '${scriptHash}';`
  return `default-src 'none'; img-src data:; style-src '${styleHash}';${script} form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}

function policy(more: Partial<Record<keyof typeof POLICY, string[]>> = {}): string {
  return Object.entries(POLICY)
    .map(([directive, sources]) => [directive, sources, ...(more[directive as keyof typeof POLICY] ?? [])].join(' '))
    .join('; ')
}

/** Allows pages of one foreign origin to read this response; they send the key in a header, and cookies are not allowed (Fetch, CORS protocol). */
export function allowOrigin(context: Context, origin: string): void {
  context.header('access-control-allow-origin', origin)
  context.header('vary', 'Origin')
  context.header('cross-origin-resource-policy', 'cross-origin')
}
