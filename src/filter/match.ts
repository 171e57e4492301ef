// A filter over columns -> one byte for each flow: 1 passes.
import { fieldNamed } from './fields.ts'
import type { FilterSource, Mask } from './source.ts'
import type { Filter, Term } from './syntax.ts'

export function matchFlows(filter: Filter, source: FilterSource): Mask {
  switch (filter.kind) {
    case 'all':
      return new Uint8Array(source.flows.count).fill(1)
    case 'not': {
      const mask = matchFlows(filter.part, source)
      for (let flow = 0; flow < mask.length; flow++) mask[flow] ^= 1
      return mask
    }
    case 'term':
      return matchTerm(filter, source)
    default: {
      const mask = matchFlows(filter.parts[0], source)
      for (const part of filter.parts.slice(1)) {
        const other = matchFlows(part, source)
        if (filter.kind === 'and') for (let flow = 0; flow < mask.length; flow++) mask[flow] &= other[flow]
        else for (let flow = 0; flow < mask.length; flow++) mask[flow] |= other[flow]
      }
      return mask
    }
  }
}

function matchTerm({ field, values }: Term, source: FilterSource): Mask {
  const mask = new Uint8Array(source.flows.count)
  for (const value of values) fieldNamed(field).match(mask, value, source)
  return mask
}
