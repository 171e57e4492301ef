// Threads, those that ask databases among them, made of the sources: what is tested is what is written, not what was built last.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { buildSync } from 'esbuild'
import { DatabaseThreads, type ThreadsOptions } from '../../src/node/workers/database-threads.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
/** Beside dist/report, whose templates it reads, as the built one is. */
const FOLDER = path('../../dist/test')

/** Bundled as src/build.mjs does it, once a test file. */
function build(script: string): URL {
  mkdirSync(FOLDER, { recursive: true })
  const outfile = `${FOLDER}/${script}-${process.pid}.js`
  const entryPoints = [path(`../../src/node/workers/${script}.ts`)]
  const banner = { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" }
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', external: ['sql.js'], banner, logLevel: 'error' })
  return pathToFileURL(outfile)
}

const built = new Map<string, URL>()

/** The script of a thread, as scriptFile(). */
export function sourceFile(script: string): URL {
  const file = built.get(script) ?? build(script)
  built.set(script, file)
  return file
}

/** For ThreadsOptions. */
export function startFromSource(script: string, heapMb: number): Worker {
  return new Worker(sourceFile(script), { resourceLimits: { maxOldGenerationSizeMb: heapMb } })
}

export function sourceThreads(options: ThreadsOptions = {}): DatabaseThreads {
  return new DatabaseThreads({ start: startFromSource, ...options })
}
