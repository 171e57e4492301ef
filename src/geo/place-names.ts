// Other names of cities and regions -> the keys of the places that have them.

/**
 * One line per city or region: its key and its normalised names, each followed by a tab. The key is GeoNames' id of a city, or the codes of country
 * and region, such as US.TX. Read on first use: most names of cities need none.
 */
export class PlaceNames {
  private readonly read: () => string
  private text: string | undefined

  constructor(read: () => string) {
    this.read = read
  }

  /** Keys of all places with this normalised name. */
  keysOf(name: string): string[] {
    this.text ??= this.read()
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
