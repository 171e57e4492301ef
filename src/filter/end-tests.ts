// Conditions on a host of a flow: its country, place, network, scope or name; each for columns and as SQL.

import { ownValue } from '../own-value.ts'
import { SCOPES } from '../types.ts'
import { hostsCalled } from './marks.ts'
import { insidePattern } from './pattern.ts'
import type { FilterSource } from './source.ts'
import { hasName, hasPlace, like, likeInside, quoteSql } from './sql-text.ts'
import type { TextValue } from './values.ts'

export interface EndTest {
  /** One byte for each host: 1 passes. */
  hosts(value: TextValue, source: FilterSource): Uint8Array
  /** A condition on h (hosts), and on its p (places) if `isPlaced`. */
  sql(value: TextValue): string
  readonly isPlaced?: boolean
}

const LABEL =
  "CASE WHEN coalesce(p.city, p.region) <> p.country THEN coalesce(p.city, p.region) || ', ' || p.country " +
  "ELSE coalesce(p.city, p.region, p.country, printf('%.2f, %.2f', p.latitude_deg, p.longitude_deg)) END"

export const byCountry: EndTest = {
  hosts: ({ text, pattern }, source) =>
    placedAt(
      source.places.map(
        ({ isOrigin, countryCode, country }) =>
          !isOrigin && (pattern.test(countryCode ?? '') || (text !== '' && pattern.test(country ?? ''))),
      ),
      source,
    ),
  sql: ({ text }) => `p.precision <> 'origin' AND (${like('p.country_code', text)} OR ${like('p.country', text)})`,
  isPlaced: true,
}

/** Instead of a place: those where the host cannot be. */
const IMPOSSIBLE = 'impossible'

export const byPlace: EndTest = {
  hosts: ({ text, pattern }, source) =>
    text.toLowerCase() === IMPOSSIBLE
      ? source.impossiblePlaces()
      : placedAt(
          source.places.map(({ label }) => pattern.test(label)),
          source,
        ),
  sql: ({ text }) => (text.toLowerCase() === IMPOSSIBLE ? "h.place_check = 'impossible'" : like(LABEL, text)),
  isPlaced: true,
}

/** An autonomous system by number ("64500", "AS64500") or by the name of its operator. */
export const byNetwork: EndTest = {
  hosts({ text, pattern }, { hosts }) {
    const number = systemNumber(text)
    return where(hosts.count, (host) =>
      number === null ? hosts.asName[host] !== '' && pattern.test(hosts.asName[host]) : hosts.asn[host] === number,
    )
  },
  sql({ text }) {
    const number = systemNumber(text)
    return number === null ? `h.as_name <> '' AND ${like('h.as_name', text)}` : `h.asn = ${number}`
  },
}

export const byScope: EndTest = {
  hosts: ({ text }, { hosts }) => where(hosts.count, (host) => hosts.scope[host] === text.toLowerCase()),
  sql: ({ text }) => `h.scope = ${quoteSql(text.toLowerCase())}`,
}

export const byName: EndTest = {
  hosts: ({ pattern }, source) => hostsCalled((text) => pattern.test(text), source),
  sql: ({ text }) => `(${like('h.ip', text)} OR ${hasName(like('n.name', text))})`,
}

/** A name, an address, or the name of a country. */
const byNameOrCountry: EndTest = {
  hosts(value, source) {
    const found = byName.hosts(value, source)
    const placed = byCountry.hosts(value, source)
    return found.map((isFound, host) => isFound | placed[host])
  },
  sql: (value) => `(${byName.sql(value)} OR ${hasPlace(byCountry.sql(value))})`,
}

/** What an address may lack, or was given: each host is at one place, at the origin, or unlocated; and in one network or in none. */
const BY_WORD: Record<string, EndTest> = {
  origin: {
    hosts: (_, source) =>
      placedAt(
        source.places.map(({ isOrigin }) => isOrigin),
        source,
      ),
    sql: () => "p.precision = 'origin'",
    isPlaced: true,
  },
  unlocated: {
    hosts: (_, { hosts }) => where(hosts.count, (host) => hosts.place[host] < 0),
    sql: () => 'h.place_id IS NULL',
  },
  'no-as': {
    hosts: (_, { hosts }) => where(hosts.count, (host) => hosts.asn[host] === null),
    sql: () => 'h.asn IS NULL',
  },
}

/** The test for any text: scopes, words, numbers of autonomous systems and country codes are recognised by their form. */
export function testFor({ text }: TextValue): EndTest {
  const lower = text.toLowerCase()
  if (SCOPES.some((scope) => scope === lower)) return byScope
  const byWord = ownValue(BY_WORD, lower)
  if (byWord !== undefined) return byWord
  if (/^as\d{1,10}$/.test(lower)) return byNetwork
  return /^[a-z]{2}$/i.test(text) ? byCountry : byNameOrCountry
}

/** A part of a name, an address, a place or its country; two letters are a country's code, too. */
export const byAnyPart: EndTest = {
  hosts({ text, pattern }, source) {
    const inside = insidePattern(text)
    const found = hostsCalled((name) => inside.test(name), source)
    const placed = placedAt(
      source.places.map(
        ({ isOrigin, label, countryCode, country }) =>
          !isOrigin && (inside.test(label) || inside.test(country ?? '') || pattern.test(countryCode ?? '')),
      ),
      source,
    )
    return found.map((isFound, host) => isFound | placed[host])
  },
  sql: ({ text }) =>
    `(${likeInside('h.ip', text)} OR ${hasName(likeInside('n.name', text))} OR ${hasPlace(
      `p.precision <> 'origin' AND (${likeInside(LABEL, text)} OR ${likeInside('p.country', text)} OR ${like('p.country_code', text)})`,
    )})`,
}

function systemNumber(text: string): number | null {
  const match = /^(?:as)?(\d{1,10})$/i.exec(text)
  return match && Number(match[1])
}

function placedAt(wanted: readonly boolean[], { hosts }: FilterSource): Uint8Array {
  return where(hosts.count, (host) => wanted[hosts.place[host]])
}

function where(count: number, passes: (host: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: count }, (_, host) => (passes(host) ? 1 : 0))
}
