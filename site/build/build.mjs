// `npm run build:site`: astro build, with its reports about itself to its makers switched off.
import { fileURLToPath } from 'node:url'

process.env.ASTRO_TELEMETRY_DISABLED = '1' // read when the module is loaded, so the import comes after
const { build } = await import('astro')
await build({ root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'error' })
