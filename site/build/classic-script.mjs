// Browsers refuse module scripts from file:// (origin "null"), so the build's modules become classic scripts, and every address relative:
// - start.js: what app.js imports of app/start.ts, begun while app.js is still read.
// - shared.js: what both app.js and globe.js import.
// - app.js: the page.
// - globe.js, editor.js: what app.js imports later (globe.gl with three.js; CodeMirror): functions `rtnvisGlobe` and `rtnvisEditor` that are
//   run when they are wanted. The page itself loads editor.js, when the filter or the SQL console is first used.
// - worker.js: the database's host: a function `rtnvisWorker`. The page makes a worker of its text, or runs it itself where it may not.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildAnalyzer } from './analyzer.mjs'
import { callable } from './callable.mjs'
import { WORKER } from './worker-script.mjs'

const MODULE = /<script type="module" src="\/([^"]+)"><\/script>/g
const SHEET = /<link rel="stylesheet" href="\/(assets\/[^"]+\.css)">/g
const LATE = { globe: 'rtnvisGlobe', editor: 'rtnvisEditor' }

/** Before app.js: start.js itself reports other missing files. */
const NEEDS_START = `if(!globalThis.rtnvisStart){
  const say=(id,text)=>{document.getElementById(id).textContent=text}
  say('notice-title','This report cannot be opened')
  say('notice-text','assets/start.js is missing or damaged. Copy the whole report folder again.')
  document.getElementById('progress').hidden=true
  document.documentElement.dataset.state='error'
  throw new Error('assets/start.js is missing')
}`

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
  const chunk = (name) => {
    const files = built.filter((file) => file.startsWith(`${name}.`))
    if (files.length !== 1 || built.length !== 5)
      throw new Error(`${built.join(', ')}: there must be the page, and chunks called start, shared, globe and editor`)
    return join(assets, files[0])
  }
  const start = script('rtnvisStart', chunk('start'))
  const shared = script('rtnvisShared', chunk('shared'))
  const app = script('rtnvisApp', entry)
  const earlier = [start.imported, shared.imported, lateChunks]
  await build({ ...COMMON, ...start.options, outfile: join(out, 'start.js'), plugins: [lateChunks] })
  await build({ ...COMMON, ...shared.options, outfile: join(out, 'shared.js'), plugins: [start.imported] })
  await build({ ...COMMON, ...app.options, outfile: join(out, 'app.js'), plugins: earlier, banner: { js: NEEDS_START } })
  for (const [name, globalName] of Object.entries(LATE))
    await build({
      ...COMMON,
      ...callable(globalName, '', true),
      entryPoints: [chunk(name)],
      outfile: join(out, `${name}.js`),
      plugins: [...earlier, app.imported],
    })
  await build({ ...COMMON, ...WORKER, outfile: join(out, 'worker.js') })
  for (const file of built) await rm(join(assets, file))
  const scripts = ['worker.js', 'start.js', 'shared.js', 'app.js', 'globe.js']
  for (const name of [...scripts, 'editor.js']) {
    const script = await readFile(join(out, name), 'utf8')
    // A script may be put inside an HTML file: these would end it, or change how a parser reads it.
    if (/<\/script|<!--/i.test(script)) throw new Error(`${name} contains "</script" or "<!--": it could not be put inside a page`)
    await rename(join(out, name), join(assets, name))
  }
  await rename(join(out, sheets[0]), join(assets, 'app.css'))
  const withSheet = (text) => text.replace(SHEET, '<link rel="stylesheet" href="./assets/app.css">')
  await writeFile(page, withSheet(html.replace(MODULE, scripts.map((name) => `<script defer src="./assets/${name}"></script>`).join(''))))
  const analyzer = join(out, 'analyze.html')
  await writeFile(analyzer, withSheet(await readFile(analyzer, 'utf8')))
  await buildAnalyzer(out, COMMON)
}

/** A script that runs at once and keeps what its module exports in a global variable; `imported`: for those that import it from there. */
function script(globalName, file) {
  const name = file.slice(file.lastIndexOf('/'))
  const setup = ({ onResolve, onLoad }) => {
    onResolve({ filter: /\.js$/ }, ({ path, kind }) =>
      kind !== 'entry-point' && path.endsWith(name) ? { path, namespace: globalName } : null,
    )
    onLoad({ filter: /.*/, namespace: globalName }, () => ({ contents: `module.exports = globalThis.${globalName}` }))
  }
  return { options: { entryPoints: [file], format: 'iife', globalName }, imported: { name: globalName, setup } }
}

/** `import('./globe...')` runs globe.js, which must have arrived by then (session/page-loaded.ts); editor.js is loaded just before. */
const lateChunks = {
  name: 'late-chunks',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`/(${Object.keys(LATE).join('|')})\\.[^/]+\\.js$`) }, ({ path, kind }) =>
      kind === 'entry-point' ? null : { path: path.split('/').at(-1).split('.')[0], namespace: 'late' },
    )
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: `
        if (!globalThis.${LATE[path]}) throw new Error('assets/${path}.js is missing or damaged. Copy the whole report folder again.')
        module.exports = globalThis.${LATE[path]}()`,
    }))
  },
}
