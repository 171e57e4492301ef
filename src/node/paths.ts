// Paths of the program's files next to its bundle (dist/node): threads, the page, templates of printed pages.
import { fileURLToPath } from 'node:url'

/** The built page (dist/site). */
export const SITE = fileURLToPath(new URL('../site/', import.meta.url))

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
