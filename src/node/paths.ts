// Paths of the program's files next to its bundle (dist/node): threads, the page, templates of printed pages.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CaptureError } from '../errors.ts'

/** The built page (dist/site). */
export const SITE = fileURLToPath(new URL('../site/', import.meta.url))

/** Path of a file of the built page. @throws CaptureError in a checkout where the page was not built */
export function siteFile(name: string): string {
  const file = join(SITE, name)
  if (!existsSync(file)) throw new CaptureError(`${file} does not exist: npm run build creates it`)
  return file
}

/** Templates and styles of the printed pages (dist/report). */
export const TEMPLATES = new URL('../report/', import.meta.url)

/** The script of a thread or process, by the name of its entry in src/build.mjs. */
export function scriptFile(name: string): URL {
  return new URL(`./${name}.js`, import.meta.url)
}

/** All places that have a name, for the analyzer's page: browser/messages.ts, NamedPlaces, gzip (dist/node). */
export const NAMED_PLACES = new URL('./named-places.json.gz', import.meta.url)

/** Vendors of network interfaces: detect/identities/vendors.ts, gzip (dist/node). */
export const VENDORS = new URL('./vendors.txt.gz', import.meta.url)

/** Other names of cities, and regions (dist/node). */
export const PLACE_NAMES = new URL('./place-names.txt.gz', import.meta.url)
