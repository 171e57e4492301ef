// A filter -> a condition in SQL that every row it finds meets, so that an engine leaves most of the others out before the filter itself reads them.
import { formatKey, isKey4 } from '../../filter/address.ts'
import type { Side } from '../../filter/field.ts'
import type { FieldName } from '../../filter/fields.ts'
import { like, within } from '../../filter/sql-text.ts'
import type { Filter } from '../../filter/syntax.ts'
import type { Value } from '../../filter/values.ts'

const BOTH: readonly Side[] = ['client', 'server']

type Named<T> = Partial<Record<FieldName | '', T>>

/** Fields whose values may be addresses; or codes of countries; or the whole text of a column. */
const ADDRESSES: Named<readonly Side[]> = { ip: BOTH, net: BOTH, from: ['client'], to: ['server'] }
const COUNTRIES: Named<readonly Side[]> = { country: BOTH, from: ['client'], to: ['server'] }
const COLUMNS: Named<string> = { app: 'application', proto: 'transport', state: 'state', ja4: 'ja4' }

/** Texts that engines compare alike, whatever they take for a letter or an escape. */
const PLAIN = /^[\w .:-]+$/
const COUNTRY_CODE = /^[a-z]{2}$/i

/** On columns of a lake's `flows`; null: nothing is known of what the filter finds. */
export function necessarySql(filter: Filter): string | null {
  switch (filter.kind) {
    case 'and': {
      const known = filter.parts.map(necessarySql).filter((part) => part !== null)
      return known.length === 0 ? null : known.join(' AND ')
    }
    case 'or':
      return either(filter.parts.map(necessarySql))
    case 'term':
      return either(filter.values.map((value) => ofValue(filter.field, value)))
    default:
      return null
  }
}

function ofValue(field: FieldName | '', value: Value): string | null {
  if (value.kind === 'range') return field === 'port' ? either(BOTH.map((side) => within(`${side}_port`, value.range))) : null
  if (value.kind === 'address') {
    const texts = value.first === value.last ? spellings(value.first) : null
    return texts && either(ADDRESSES[field]?.map((side) => `${side}_ip IN (${texts.map((text) => `'${text}'`).join(', ')})`) ?? [null])
  }
  if (value.kind !== 'text' || !PLAIN.test(value.text)) return null
  const column = COLUMNS[field]
  if (column) return like(column, value.text)
  const isCode = COUNTRY_CODE.test(value.text)
  return either((isCode ? COUNTRIES[field] : undefined)?.map((side) => like(`${side}_country_code`, value.text)) ?? [null])
}

/** The two kinds of an IPv4 address are one to a filter. */
function spellings(key: string): string[] {
  const text = formatKey(key)
  return isKey4(key) ? [text, `::ffff:${text}`] : [text]
}

function either(conditions: (string | null)[]): string | null {
  return conditions.includes(null) ? null : `(${conditions.join(' OR ')})`
}
