// src/worker/report.worker.ts -> worker.js: a function `rtnvisWorker` of the scope it speaks through. The built page and the dev server both load it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { callable } from './callable.mjs'
import { zstdWithoutFetch } from './zstd-without-fetch.mjs'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

export const WORKER = {
  ...callable('rtnvisWorker', 'rtnvisScope', false),
  bundle: true,
  target: 'es2022',
  entryPoints: [fileURLToPath(new URL('../src/worker/report.worker.ts', import.meta.url))],
  // sql.js imports these only in Node.
  external: ['node:*'],
  loader: { '.wasm': 'binary' },
  plugins: [zstdWithoutFetch],
  define: { RTNVIS_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
}
