// The analyzer over HTTP: /analyze, the files beside it, and the manual. A capture that is dropped there stays in the browser.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from 'hono'
import { dataList } from '../../publish/data-scripts.ts'
import { readList } from '../commands/site.ts'
import { AnalyzerData } from '../output/analyzer-data.ts'
import type { Env } from './env.ts'
import { policyOf } from './headers.ts'
import { REVALIDATED, serveAsset } from './static-files.ts'

const DATA = /^analyzer\/data\/([a-z]+)-(0|[1-9]\d{0,3})\.js$/
const LIST = 'analyzer/data/list.js'
const SCRIPT = { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': REVALIDATED } // RFC 9239

/** @param path without the first slash */
export function isAnalyzerPath(path: string): boolean {
  // Below assets/data lie a report's own data.
  return path === 'analyze' || (/^(analyzer|assets|manual)\//.test(path) && !path.startsWith('assets/data/'))
}

export class Analyzer {
  private readonly siteDir: string
  private data: AnalyzerData | null = null

  constructor(siteDir: string) {
    this.siteDir = siteDir
  }

  /** @param path isAnalyzerPath() @returns null: there is no such file */
  async answer(context: Context<Env>, path: string): Promise<Response | null> {
    if (path === 'analyze') return this.page(context)
    if (path === LIST) return context.body(await this.list(), 200, SCRIPT)
    const own = await serveAsset(context.env.incoming, this.siteDir, path)
    const [, name, index] = DATA.exec(path) ?? []
    if (own !== null || name === undefined) return own
    const script = await this.kept().script(name, Number(index))
    return script === null ? null : context.body(script, 200, SCRIPT)
  }

  private async page(context: Context<Env>): Promise<Response> {
    const html = await readFile(join(this.siteDir, 'analyze.html'), 'utf8').catch(() => null)
    if (html === null) return context.json({ error: 'The analyzer of rtnvis is not installed: install the package again.' }, 500)
    return context.html(html, 200, { 'content-security-policy': policyOf(html) })
  }

  private async list(): Promise<string> {
    const own = readList(await readFile(join(this.siteDir, LIST), 'utf8'))
    return dataList({ ...own, ...(await this.kept().parts()) })
  }

  private kept(): AnalyzerData {
    this.data ??= new AnalyzerData()
    return this.data
  }
}
