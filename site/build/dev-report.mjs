// An integration for Astro's dev server: serves what a built report has next to its page: the data and worker.js.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { context } from 'esbuild'
import { WORKER } from './worker-script.mjs'

/** Files of the report; everything else is served from the sources. */
const OF_REPORT = /^\/(assets\/data\/[\w./-]+\.js|report\.(?:html|md)|traffic\.sqlite)$/

const TYPES = { js: 'text/javascript', html: 'text/html', md: 'text/plain', sqlite: 'application/vnd.sqlite3' }

export function devReport(folder) {
  return { name: 'dev-report', hooks: { 'astro:server:setup': ({ server }) => serveReport(server, folder) } }
}

async function serveReport(server, folder) {
  const worker = await context({ ...WORKER, outfile: 'worker.js', write: false, metafile: true, absWorkingDir: server.config.root })
  let built = await worker.rebuild()
  server.httpServer?.once('close', () => worker.dispose())

  server.watcher.on('change', async (file) => {
    // Vite knows the modules of the page; what only the worker imports is known here.
    if (!(relative(server.config.root, file).replaceAll(sep, '/') in built.metafile.inputs)) return
    try {
      built = await worker.rebuild()
      server.ws.send({ type: 'full-reload' })
    } catch {
      // esbuild has printed the mistake; the worker stays as it was.
    }
  })

  server.middlewares.use(({ url = '' }, response, next) => {
    const path = new URL(url, 'http://localhost').pathname
    const send = (body, type) => response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    if (path === '/assets/worker.js') return send(built.outputFiles[0].contents, TYPES.js)
    const name = OF_REPORT.exec(path)?.[1]
    if (!name || name.includes('..') || !existsSync(join(folder, name))) return next()
    send(readFileSync(join(folder, name)), TYPES[name.slice(name.lastIndexOf('.') + 1)])
  })
}
