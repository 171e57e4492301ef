// The page that asks for the key: for people who came without it. No script; everything in it is ours.
import { createHash } from 'node:crypto'
import { SIGN_IN_PATH } from './guard.ts'
import { signInPolicy } from './headers.ts'

const STYLE = `
:root { color-scheme: dark light; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f4f6fa, #0a1424); color: light-dark(#101828, #e6edf7); }
main { width: min(26rem, calc(100vw - 3rem)); }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
p { margin: 0 0 1.25rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input, button { font: inherit; box-sizing: border-box; width: 100%; padding: .6rem .75rem; border-radius: .4rem; border: 1px solid light-dark(#667085, #7b8ba5); }
input { background: light-dark(#fff, #101c30); color: inherit; margin-bottom: .75rem; }
button { background: #0b6bb8; border-color: #0b6bb8; color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #56b4e9; outline-offset: 2px; }
code { font-size: .95em; }
`

const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`

/** Form posts carry an Origin only if the page may send a referrer to its own server, and that Origin is checked. */
export const SIGN_IN_HEADERS = { 'content-security-policy': signInPolicy(STYLE_HASH), 'referrer-policy': 'same-origin' }

/** @param reason one sentence of ours, without markup */
export function signInPage(reason: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rtnvis: access key</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Access key</h1>
<p>${reason} The address printed where rtnvis was started has the key in it. If you followed a link from another page, <a href="">try again</a>.</p>
<form method="post" action="${SIGN_IN_PATH}">
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="off" required autofocus>
<button>Open</button>
</form>
</main>
</body>
</html>
`
}
