// src/worker/report.worker.ts -> worker.js: a function `rtnvisWorker` of the scope it speaks through. The built page and the dev server both load it.
import { fileURLToPath } from 'node:url'
import { callable } from './callable.mjs'

export const WORKER = {
  ...callable('rtnvisWorker', 'rtnvisScope', false),
  bundle: true,
  target: 'es2022',
  entryPoints: [fileURLToPath(new URL('../src/worker/report.worker.ts', import.meta.url))],
  // sql.js imports these only in Node.
  external: ['node:*'],
  logLevel: 'warning',
}
