// The templates of the printed pages, compiled when the page is built.
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { encodeBase64 } from '../publish/base64.ts'
import style from '../report/page.css'
import type { Templates } from '../report/pages.ts'
import reportHtml from '../report/report.html.ejs'
import reportMd from '../report/report.md.ejs'

const RENDER: Record<string, typeof reportHtml> = { 'report.html.ejs': reportHtml, 'report.md.ejs': reportMd }

export const templates: Templates = {
  render: (name, data, quote) => RENDER[name](data, quote && ((text) => quote(String(text)))).trimStart(),
  style: () => ({ style, styleHash: `sha256-${sha256Base64(style)}` }),
}

export function sha256Base64(text: string): string {
  return encodeBase64(sha256(utf8ToBytes(text)))
}
