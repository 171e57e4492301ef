// Sends the installed page; it loads its data from addresses beside it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from 'hono'
import type { Env } from './env.ts'
import { policyOf } from './headers.ts'

/** The link to other reports is put before this element of the page. */
const REPORT_LINK = '<a id="report-link"'

/** @param listHref of the page that lists all reports, if there is one */
export async function sendPage(context: Context<Env>, siteDir: string, listHref?: string): Promise<Response> {
  const page = await readFile(join(siteDir, 'index.html'), 'utf8').catch(() => null)
  if (page === null) return context.json({ error: 'The page of rtnvis is not installed: install the package again.' }, 500)
  const link = `<a id="list-link" class="button" href="${listHref}" title="All reports of this server">All reports</a>`
  const html = listHref === undefined ? page : page.replace(REPORT_LINK, () => link + REPORT_LINK)
  return context.html(html, 200, { 'content-security-policy': policyOf(html) })
}
