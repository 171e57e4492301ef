// `npm run dev [-- REPORT]`: Astro's dev server, with the data of a report folder (default output/demo). Saved sources are seen at once.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { devReport } from './dev-report.mjs'

const DEMO = fileURLToPath(new URL('../../output/demo', import.meta.url))
const folder = resolve(process.argv[2] ?? DEMO)
const hasData = () => existsSync(join(folder, 'assets/data/manifest.js'))

if (!hasData() && folder === DEMO) spawnSync('npm', ['run', 'demo'], { stdio: 'inherit' })
if (!hasData()) {
  console.error(`${folder} is not a report folder: it has no assets/data/manifest.js. rtnvis analyze makes one.`)
  process.exit(1)
}

// Both are read when the module is loaded, so the import comes after: no telemetry, no question.
process.env.ASTRO_TELEMETRY_DISABLED = '1'
process.env.ASTRO_DISABLE_UPDATE_CHECK = 'true'
const { dev } = await import('astro')
const port = Number(process.env.PORT ?? 4321)
const server = await dev({
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'warn',
  server: { host: '127.0.0.1', port },
  integrations: [devReport(folder)],
})
console.log(`http://127.0.0.1:${server.address.port}/ shows ${folder}; Ctrl-C ends`)
