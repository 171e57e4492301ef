// Browsers refuse module scripts from file:// (origin "null"), so the build's modules become classic scripts, and every address relative:
// - app.js: the page. Runs at once.
// - globe.js: what app.js imports later, globe.gl and three.js in it: a function `rtnvisGlobe` that is run when it is wanted.
// - worker.js: the database's host: a function `rtnvisWorker`. The page makes a worker of its text, or runs it itself where it may not.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const MODULE = /<script type="module" src="\/([^"]+)"><\/script>/g
const SHEET = /<link rel="stylesheet" href="\/(assets\/[^"]+\.css)">/g
const LATE = /\/(globe\.[^/]+\.js)$/

const WORKER = fileURLToPath(new URL('../src/worker/report.worker.ts', import.meta.url))

const COMMON = { bundle: true, minify: !process.env.NOMIN, target: 'es2022', legalComments: 'none', logLevel: 'warning' }

export function classicScript() {
  return { name: 'classic-script', hooks: { 'astro:build:done': ({ dir }) => toClassic(fileURLToPath(dir)) } }
}

async function toClassic(out) {
  const page = join(out, 'index.html')
  const html = await readFile(page, 'utf8')
  const modules = [...html.matchAll(MODULE)].map((match) => match[1])
  const sheets = [...html.matchAll(SHEET)].map((match) => match[1])
  if (modules.length !== 1 || sheets.length !== 1)
    throw new Error(`index.html has ${modules.length} module scripts and ${sheets.length} style sheets; it must have one of each`)
  const entry = join(out, modules[0])
  const assets = join(out, 'assets')
  const built = (await readdir(assets)).filter((file) => file.endsWith('.js'))
  const late = built.filter((file) => LATE.test(`/${file}`))
  if (late.length !== 1) throw new Error(`${late.length} chunks are called globe; main.ts must import globe.ts, and nothing else, later`)
  await build({
    ...COMMON,
    entryPoints: [entry],
    outfile: join(out, 'app.js'),
    format: 'iife',
    globalName: 'rtnvisApp',
    plugins: [lateChunk],
  })
  await build({
    ...COMMON,
    ...callable('rtnvisGlobe', ''),
    entryPoints: [join(assets, late[0])],
    outfile: join(out, 'globe.js'),
    plugins: [app(entry)],
  })
  // sql.js asks for these in Node alone.
  const external = ['node:*']
  await build({ ...COMMON, ...callable('rtnvisWorker', 'rtnvisScope'), entryPoints: [WORKER], outfile: join(out, 'worker.js'), external })
  for (const file of built) await rm(join(assets, file))
  const scripts = ['worker.js', 'app.js', 'globe.js']
  for (const name of scripts) {
    const script = await readFile(join(out, name), 'utf8')
    // A script may be put inside an HTML file: these would end it, or change how a parser reads it.
    if (/<\/script|<!--/i.test(script)) throw new Error(`${name} contains "</script" or "<!--": it could not be put inside a page`)
    await rename(join(out, name), join(assets, name))
  }
  await rename(join(out, sheets[0]), join(assets, 'app.css'))
  await writeFile(
    page,
    html
      .replace(MODULE, scripts.map((name) => `<script defer src="./assets/${name}"></script>`).join(''))
      .replace(SHEET, '<link rel="stylesheet" href="./assets/app.css">'),
  )
}

/** A script that only defines a function: it costs little until the function is called, which returns the module's exports. */
function callable(name, parameter) {
  return {
    format: 'cjs',
    platform: 'browser',
    banner: { js: `var ${name}=(${parameter})=>{var module={exports:{}};` },
    footer: { js: 'return module.exports};' },
  }
}

/** app.js: `import('./globe...')` is a promise of what globe.js exports. A module with an export called `then` is one. */
const lateChunk = {
  name: 'late-chunk',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE }, ({ path }) => ({ path, namespace: 'late' }))
    onLoad({ filter: /.*/, namespace: 'late' }, () => ({
      contents: `
        const parsed = document.readyState === 'loading'
          ? new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }))
          : Promise.resolve()
        const loaded = parsed.then(() => {
          if (!globalThis.rtnvisGlobe) throw new Error('assets/globe.js is missing or damaged. Copy the whole report folder again.')
          return globalThis.rtnvisGlobe()
        })
        export const then = (resolve, reject) => loaded.then(resolve, reject)`,
    }))
  },
}

/** globe.js: what it shares with the page is the page's own. */
const app = (entry) => ({
  name: 'app',
  setup({ onResolve, onLoad }) {
    const file = entry.slice(entry.lastIndexOf('/'))
    onResolve({ filter: /\.js$/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return null
      if (!path.endsWith(file)) throw new Error(`globe.js imports ${path}: it may share modules with app.js alone`)
      return { path, namespace: 'app' }
    })
    onLoad({ filter: /.*/, namespace: 'app' }, () => ({ contents: 'module.exports = globalThis.rtnvisApp' }))
  },
})
