// The server's own pages: for signing in, continuing with a session, signing out, and where there is nothing. Only the address to continue to comes from the request.
import { createHash } from 'node:crypto'
import { SIGN_IN_PATH, SIGN_OUT_PATH } from '../guard.ts'
import { signInPolicy } from '../headers.ts'

const STYLE = `
:root { color-scheme: dark light; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f4f6fa, #0a1424); color: light-dark(#101828, #e6edf7); }
main { width: min(26rem, calc(100vw - 3rem)); }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
p { margin: 0 0 1.25rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input, button, .button { font: inherit; box-sizing: border-box; width: 100%; padding: .6rem .75rem; border-radius: .4rem; border: 1px solid light-dark(#667085, #7b8ba5); }
input { background: light-dark(#fff, #101c30); color: inherit; margin-bottom: .75rem; }
button, .button { background: #0b6bb8; border-color: #0b6bb8; color: #fff; font-weight: 600; cursor: pointer; }
.button { display: block; text-align: center; text-decoration: none; }
:focus-visible { outline: 3px solid #56b4e9; outline-offset: 2px; }
code { font-size: .95em; }
`

/** Redirects from this server's own page, so that the browser sends the cookie, which it does not send when coming from another site. */
const SCRIPT = "location.replace(document.getElementById('on').href + location.hash)"

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`

/** Browsers send Origin with a form only if the page may send a referrer to its own server; that Origin is checked. */
export const FORM_HEADERS = { 'content-security-policy': signInPolicy(hashOf(STYLE)), 'referrer-policy': 'same-origin' }
export const GO_ON_HEADERS = { 'content-security-policy': signInPolicy(hashOf(STYLE), hashOf(SCRIPT)) }

/** @param reason one sentence of this program, without markup @param to address to continue to: a path of this server */
export function signInPage(reason: string, to: string): string {
  return page(
    'access key',
    `<h1>Access key</h1>
<p>${reason} The address printed where rtnvis was started has the key in it, unless you were given one of your own.</p>
<form method="post" action="${SIGN_IN_PATH}">
<input type="hidden" name="to" value="${escapeHtml(to)}">
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="off" required autofocus>
<button>Open</button>
</form>`,
  )
}

/** For users who come from another site: the next request shows whether there is a session. */
export function goOnPage(to: string): string {
  return page(
    'open',
    `<h1>One moment</h1>
<p><a class="button" id="on" href="${SIGN_IN_PATH}?to=${escapeHtml(encodeURIComponent(to))}">Go on</a></p>
<script>${SCRIPT}</script>`,
  )
}

/** @param name name of the key; null without a session */
export function signOutPage(name: string | null): string {
  return page(
    'sign out',
    name === null
      ? `<h1>Signed out</h1>
<p>This browser has no session here.</p>
<p><a class="button" href="${SIGN_IN_PATH}">Sign in</a></p>`
      : `<h1>Sign out</h1>
<p>This browser is signed in with the key of ${escapeHtml(name)}. Signing out ends this in all its tabs.</p>
<form method="post" action="${SIGN_OUT_PATH}">
<button>Sign out</button>
</form>`,
  )
}

/** @param reason as of signInPage() */
export function notFoundPage(reason: string): string {
  return page(
    'not found',
    `<h1>Nothing here</h1>
<p>${reason} A report may have been renamed or removed since its link was made.</p>
<p><a class="button" href="/">To the start</a></p>`,
  )
}

/** A path of this server, from a form or an address; anything else becomes "/". */
export function pathToGoOn(text: string | null): string {
  if (text === null || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return '/'
  const url = new URL(text, 'http://server')
  url.searchParams.delete('key')
  return url.host === 'server' ? `${url.pathname.replace(/^\/+/, '/')}${url.search}` : '/'
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rtnvis: ${title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
