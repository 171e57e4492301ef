// The other names of cities and the names of regions (build-place-names.ts makes the file) -> who bears a name.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/**
 * A line for each city or region: its key and its folded names, each followed by a tab. The key is GeoNames' id of a city, or the country's
 * and the region's code, such as US.TX. Read at first use: most runs need none.
 */
export class PlaceNames {
  private readonly file: URL
  private text: string | undefined

  constructor(file: URL) {
    this.file = file
  }

  /** The keys of all that have this name, which is folded. */
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
