// IPv6 prefixes: one table for each prefix length, searched from the longest length to the shortest. Lists have few different lengths.

const NONE = -1

export class Ipv6Prefixes {
  private readonly byLength = new Map<number, Map<string, number>>()
  /** Longest first. */
  private lengths: number[] = []

  /** If the prefix is there already, its first entry stays. */
  add(address: Uint8Array, length: number, entry: number): void {
    let prefixes = this.byLength.get(length)
    if (prefixes === undefined) {
      prefixes = new Map()
      this.byLength.set(length, prefixes)
      this.lengths = [...this.byLength.keys()].sort((a, b) => b - a)
    }
    const key = keyOf(address, length)
    if (!prefixes.has(key)) prefixes.set(key, entry)
  }

  /** @returns the entry of the longest prefix that contains the address, -1 for none */
  find(address: Uint8Array): number {
    for (const length of this.lengths) {
      const entry = this.byLength.get(length)!.get(keyOf(address, length))
      if (entry !== undefined) return entry
    }
    return NONE
  }
}

/** The first `length` bits; one character for each byte. */
function keyOf(address: Uint8Array, length: number): string {
  let key = ''
  for (let bit = 0; bit < length; bit += 8) {
    const kept = Math.min(8, length - bit)
    key += String.fromCharCode(address[bit >> 3] & (0xff00 >> kept))
  }
  return key
}
