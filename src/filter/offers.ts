// Suggested values of a field -> the number of flows of a mask with each value.
import type { Field, Offer, Offers, Side } from './field.ts'
import type { FilterSource, Mask, TextColumn } from './source.ts'
import { textValue } from './values.ts'

/** A value and its number of flows. */
export type CountedOffer = Offer & { flows: number }

/** Only values that contain `begun` are kept. */
export function countOffers(field: Field, begun: string, mask: Uint8Array, source: FilterSource): CountedOffer[] {
  const counter = new OfferCounter(field, begun.toLowerCase(), mask, source)
  field.complete(counter)
  return counter.offers()
}

class OfferCounter implements Offers {
  readonly source: FilterSource
  readonly #field: Field
  readonly #begun: string
  readonly #mask: Uint8Array
  readonly #found = new Map<string, CountedOffer>()

  constructor(field: Field, begun: string, mask: Uint8Array, source: FilterSource) {
    this.#field = field
    this.#begun = begun
    this.#mask = mask
    this.source = source
  }

  offers(): CountedOffer[] {
    return [...this.#found.values()]
  }

  texts({ texts, code }: TextColumn): void {
    this.#rows(texts, code, this.#mask.length, (row) => row)
  }

  questions(): void {
    const { texts, code, flow } = this.source.dns()
    this.#rows(texts, code, flow.length, (row) => flow[row])
  }

  numbers(column: ArrayLike<number>): void {
    const each = new Map<number, number>()
    for (let flow = 0; flow < this.#mask.length; flow++)
      if (this.#mask[flow] && column[flow] >= 0) each.set(column[flow], (each.get(column[flow]) ?? 0) + 1)
    for (const [value, count] of each) if (String(value).startsWith(this.#begun)) this.#add({ text: String(value) }, count)
  }

  words(words: readonly string[]): void {
    for (const word of words) {
      const found: Mask = new Uint8Array(this.#mask.length)
      this.#field.match(found, textValue(word), this.source)
      let count = 0
      for (let flow = 0; flow < found.length; flow++) count += this.#mask[flow] & found[flow]
      if (count > 0) this.#add({ text: word }, count)
    }
  }

  /** A flow counts once for each text, even if both hosts have it. */
  ends(ofHost: (host: number) => readonly Offer[], side?: Side, ofFlow?: TextColumn): void {
    const { clientHost, serverHost } = this.source.flows
    const codes = new Map<string, number>()
    const found: Offer[] = []
    const counted: number[] = []
    const codeOf = (offer: Offer) => {
      let code = codes.get(offer.text)
      if (code === undefined) {
        code = found.push(offer) - 1
        codes.set(offer.text, code)
        counted.push(0)
      }
      return code
    }
    const known: number[][] = []
    const codesOf = (host: number) => {
      known[host] ??= [...new Set(ofHost(host).map(codeOf))]
      return known[host]
    }
    const ofTexts = ofFlow?.texts.map((text) => codeOf({ text }))
    for (let flow = 0; flow < this.#mask.length; flow++) {
      if (!this.#mask[flow]) continue
      const client = side === 'server' ? [] : codesOf(clientHost[flow])
      const server = side === 'client' ? [] : codesOf(serverHost[flow])
      for (const code of client) counted[code]++
      for (const code of server) if (!client.includes(code)) counted[code]++
      const own = ofTexts?.[ofFlow!.code[flow]]
      if (own !== undefined && !client.includes(own) && !server.includes(own)) counted[own]++
    }
    found.forEach((offer, code) => {
      if (counted[code] > 0) this.#add(offer, counted[code])
    })
  }

  #rows(texts: readonly string[], code: ArrayLike<number>, count: number, flowOf: (row: number) => number): void {
    const each = new Float64Array(texts.length)
    for (let row = 0; row < count; row++) if (this.#mask[flowOf(row)] && code[row] >= 0) each[code[row]]++
    texts.forEach((text, index) => {
      if (each[index] > 0) this.#add({ text }, each[index])
    })
  }

  #add(offer: Offer, flows: number): void {
    const known = this.#found.get(offer.text)
    if (known) known.flows += flows
    else if ([offer.text, offer.label ?? ''].some((word) => word.toLowerCase().includes(this.#begun)))
      this.#found.set(offer.text, { ...offer, flows })
  }
}
