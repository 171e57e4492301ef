// The manual's built pages -> manual/search.js: its sections, and the code that searches them (src/manual/search.ts).
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const SEARCH = fileURLToPath(new URL('../src/manual/search.ts', import.meta.url))
const HEADING = /<h([123]) id="([^"]*)">([\s\S]*?)<\/h\1>/g
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x26;': '&', '&#x3C;': '<', '&amp;': '&' }

export function manualSearch() {
  return {
    name: 'manual-search',
    hooks: {
      'astro:build:done': async ({ dir }) => {
        const folder = join(fileURLToPath(dir), 'manual')
        const files = (await readdir(folder)).filter((name) => name.endsWith('.html')).sort()
        const sections = []
        for (const name of files) sections.push(...sectionsOf(name, await readFile(join(folder, name), 'utf8')))
        await build({
          entryPoints: [SEARCH],
          outfile: join(folder, 'search.js'),
          bundle: true,
          minify: true,
          format: 'iife',
          target: 'es2022',
          charset: 'utf8',
          legalComments: 'none',
          define: { MANUAL_SECTIONS: JSON.stringify(sections) },
        })
      },
    },
  }
}

function sectionsOf(name, html) {
  const body = html.slice(html.indexOf('<main>') + '<main>'.length, html.indexOf('</main>'))
  const headings = [...body.matchAll(HEADING)]
  const page = textOf(headings[0][3])
  return headings.map(([whole, , id, heading], i) => ({
    href: `./${name}#${id}`,
    page,
    heading: textOf(heading),
    text: textOf(body.slice(headings[i].index + whole.length, headings[i + 1]?.index)),
  }))
}

function textOf(html) {
  return html
    .replaceAll(/<[^>]*>/g, (tag) => (/^<\/?(code|strong|em|a)\b/.test(tag) ? '' : ' '))
    .replaceAll(/&(?:lt|gt|quot|amp|#39|#x26|#x3C);/g, (entity) => ENTITIES[entity])
    .replaceAll(/\s+/g, ' ')
    .trim()
}
