// Browsers refuse module scripts from file:// (origin "null"), so the built entry becomes ONE classic script and every address relative.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const MODULE = /<script type="module" src="\/([^"]+)"><\/script>/g
const SHEET = /<link rel="stylesheet" href="\/(assets\/[^"]+\.css)">/g

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
  const [module] = modules
  const [sheet] = sheets
  await build({
    entryPoints: [join(out, module)],
    outfile: join(out, 'app.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  })
  const script = await readFile(join(out, 'app.js'), 'utf8')
  // The script may be put inside an HTML file: these would end it, or change how a parser reads it.
  if (/<\/script|<!--/i.test(script)) throw new Error('app.js contains "</script" or "<!--": it could not be put inside a page')
  for (const file of await readdir(join(out, 'assets'))) if (file.endsWith('.js')) await rm(join(out, 'assets', file))
  await rename(join(out, 'app.js'), join(out, 'assets/app.js'))
  await rename(join(out, sheet), join(out, 'assets/app.css'))
  await writeFile(
    page,
    html.replace(MODULE, '<script defer src="./assets/app.js"></script>').replace(SHEET, '<link rel="stylesheet" href="./assets/app.css">'),
  )
}
