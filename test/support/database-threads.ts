// Threads that ask databases, made of the sources: what is tested is what is written, not what was built last.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { buildSync } from 'esbuild'
import { DatabaseThreads, type ThreadsOptions } from '../../src/node/workers/database-threads.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
/** Beside dist/report, whose templates it reads, as the built one is. */
const FOLDER = path('../../dist/test')

/** Bundled as src/build.mjs does it, once a test file. */
function build(): URL {
  mkdirSync(FOLDER, { recursive: true })
  const outfile = `${FOLDER}/database-thread-${process.pid}.js`
  const entryPoints = [path('../../src/node/workers/database-thread.ts')]
  const banner = { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" }
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', external: ['sql.js'], banner, logLevel: 'error' })
  return pathToFileURL(outfile)
}

let built: URL | undefined

export function sourceThreads(options: ThreadsOptions = {}): DatabaseThreads {
  built ??= build()
  const file = built
  return new DatabaseThreads({ start: () => new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: 512 } }), ...options })
}
