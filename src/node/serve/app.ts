// The server's own routes: the guard before all others, sign-in and sign-out, and the audit; then the routes of the content.
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { say } from '../commands/terminal.ts'
import { needs } from './access/permission.ts'
import { FORM_HEADERS, GO_ON_HEADERS, goOnPage, notFoundPage, pathToGoOn, signInPage, signOutPage } from './access/sign-in-page.ts'
import type { Content, Counters, Env } from './env.ts'
import { type Asked, type Guard, isFromElsewhere, type Refusal, SIGN_IN_PATH, SIGN_OUT_PATH } from './guard.ts'
import { allowOrigin, strictHeaders } from './headers.ts'

const FORM_BYTES = 2048

/** @param requestOf returns the parts of a request that the guard needs */
export function appOf(
  guard: Guard,
  requestOf: (incoming: Env['Bindings']['incoming']) => Asked,
  content: Content,
  counters: Counters,
): Hono<Env> {
  const app = new Hono<Env>()
  app.use(async (context, next) => {
    await next()
    counters.requests.count(context.res.status)
  })
  app.use(strictHeaders)
  app.use(guarded)
  app.get('/healthz', (context) => context.text('ok\n'))
  const formLimit = bodyLimit({ maxSize: FORM_BYTES, onError: (context) => context.json({ error: 'The request is too long.' }, 413) })
  app.get(SIGN_IN_PATH, (context) => {
    const to = pathToGoOn(new URL(context.req.url).searchParams.get('to'))
    if (guard.visitOf(requestOf(context.env.incoming))) return context.redirect(to, 303)
    return withForm(context, signInPage('The access key is missing.', to), 401)
  })
  app.post(SIGN_IN_PATH, formLimit, async (context) => {
    const form = new URLSearchParams(await context.req.text())
    const to = pathToGoOn(form.get('to'))
    const done = await guard.signIn(form.get('key')?.trim() ?? '', requestOf(context.env.incoming), 'form')
    if (done.kind === 'refuse') return refuse(context, done, to)
    if (done.cookie !== null) context.header('set-cookie', done.cookie)
    return context.redirect(to, 303)
  })
  app.get(SIGN_OUT_PATH, (context) => {
    const visit = guard.visitOf(requestOf(context.env.incoming))
    return withForm(context, signOutPage(visit?.user.name ?? null), 200)
  })
  app.post(SIGN_OUT_PATH, formLimit, (context) => {
    context.header('set-cookie', guard.signOut(requestOf(context.env.incoming)))
    return context.redirect(SIGN_OUT_PATH, 303)
  })
  app.get('/api/audit', needs('audit'), (context) => context.json({ items: counters.audit.latest.toReversed() }))
  app.route('/', content.routes)
  app.notFound((context) => {
    const error = 'There is no page at this address.'
    return wantsPage(context) ? withForm(context, notFoundPage(error), 404) : context.json({ error }, 404)
  })
  app.onError((error, context) => {
    say(`request failed: ${error.message}`)
    return context.json({ error: 'The server could not answer this.' }, 500)
  })
  return app

  async function guarded(context: Context<Env>, next: () => Promise<void>): ReturnType<MiddlewareHandler> {
    const { incoming, outgoing } = context.env
    const asked = requestOf(incoming)
    const verdict = await guard.judge(asked)
    if (verdict.kind === 'refuse') return refuse(context, verdict, pathToGoOn(asked.target))
    if (verdict.kind === 'swap') {
      if (verdict.cookie !== null) context.header('set-cookie', verdict.cookie)
      return verdict.isFromElsewhere ? goOn(context, verdict.location, 200) : context.redirect(verdict.location, 303)
    }
    if (verdict.kind === 'preflight') return preflight(context, verdict.crossOrigin)
    if (verdict.visit) {
      context.set('visit', verdict.visit)
      verdict.visit.hold(outgoing)
    }
    await next()
    if (verdict.crossOrigin !== null) allowOrigin(context, verdict.crossOrigin)
    record(context, asked)
    return undefined
  }

  /** Writes downloads of databases, and requests that a role does not allow, to the audit. */
  function record(context: Context<Env>, { method, target, address }: Asked): void {
    const needed = context.get('needed')
    const event = { key: context.get('visit')?.user.name ?? null, address, detail: target.split('?', 1)[0] }
    if (needed?.isAllowed === false) counters.audit.write({ action: 'refused', ...event })
    else if (needed?.permission === 'database' && method === 'GET' && [200, 206].includes(context.res.status))
      counters.audit.write({ action: 'download', ...event })
  }
}

function preflight(context: Context<Env>, crossOrigin: string): Response {
  allowOrigin(context, crossOrigin)
  context.header('access-control-allow-methods', 'GET, HEAD')
  context.header('access-control-allow-headers', 'X-API-Key, Authorization')
  context.header('access-control-max-age', '600')
  if (context.req.header('access-control-request-private-network') === 'true')
    context.header('access-control-allow-private-network', 'true')
  return context.body(null, 204)
}

/** Browsers get a page, programs get JSON. @param to the address that the user wanted */
function refuse(context: Context<Env>, { status, reason, hint, retrySeconds, crossOrigin }: Refusal, to: string): Response {
  if (crossOrigin) allowOrigin(context, crossOrigin)
  if (retrySeconds !== undefined) context.header('retry-after', String(retrySeconds))
  if (status === 405) context.header('allow', 'GET, HEAD, OPTIONS')
  if (!wantsPage(context) || ![401, 429, 503].includes(status)) return context.json({ error: hint ? `${reason} ${hint}` : reason }, status)
  const isUndecided = status === 401 && isFromElsewhere(context.env.incoming.headers)
  return isUndecided ? goOn(context, to, status) : withForm(context, signInPage(reason, to), status)
}

function wantsPage(context: Context<Env>): boolean {
  return context.req.header('accept')?.includes('text/html') === true
}

function withForm(context: Context<Env>, html: string, status: Refusal['status'] | 200 | 404): Response {
  return context.html(html, status, FORM_HEADERS)
}

function goOn(context: Context<Env>, to: string, status: 200 | 401): Response {
  return context.html(goOnPage(to), status, GO_ON_HEADERS)
}
