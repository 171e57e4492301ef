// The file made by build-place-names.ts -> cities and regions by their other names.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/**
 * One line per city or region: its key and its normalised names, each followed by a tab. The key is GeoNames' id of a city, or the codes of country
 * and region, such as US.TX. Read on first use: most runs need none.
 */
export class PlaceNames {
  private readonly file: URL
  private text: string | undefined

  constructor(file: URL) {
    this.file = file
  }

  /** Keys of all places with this normalised name. */
  keysOf(name: string): string[] {
    this.text ??= gunzipSync(readFileSync(this.file)).toString()
    const { text } = this
    const sought = `\t${name}\t`
    const keys: string[] = []
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
      const line = text.lastIndexOf('\n', at) + 1
      keys.push(text.slice(line, text.indexOf('\t', line)))
    }
    return keys
  }
}
