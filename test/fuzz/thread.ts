// The worker as one plain module: loaders of TypeScript work in the main thread only, and compiled code is faster from the start.
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import type { Start } from './watch.ts'

const MODULE = new URL('../../dist/fuzz/worker.mjs', import.meta.url)

export async function buildThread(): Promise<Start> {
  await build({
    entryPoints: [new URL('./worker.ts', import.meta.url).pathname],
    outfile: MODULE.pathname,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  })
  return (job, { heapMegabytes }) =>
    new Worker(MODULE, {
      workerData: job,
      execArgv: ['--enable-source-maps'],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    })
}
