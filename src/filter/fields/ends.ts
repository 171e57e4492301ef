// Fields about the hosts of a flow: places, names, kinds of addresses.

import { formatCountry } from '../../geo/country-name.ts'
import { SCOPES } from '../../types.ts'
import { byCountry, byName, byNetwork, byPlace, byScope, type EndTest, testFor } from '../end-tests.ts'
import { type Field, namesByHost, type Offer, type Offers, type Side } from '../field.ts'
import { hostsWithin, markHosts } from '../marks.ts'
import type { FilterSource } from '../source.ts'
import { addressSql, hasEnd } from '../sql-text.ts'
import type { AddressValue, TextValue } from '../values.ts'

const BOTH_WAYS = 'Packets go both ways: from: and to: are either end here.'
const BY_ADDRESS = 'Countries, networks and names are replaced by their addresses in this report.'

type FieldText = Pick<Field, 'about' | 'example' | 'aliases' | 'words' | 'complete'>
type EndValue = AddressValue | TextValue

/** A field whose values are addresses, or texts tested for one host (`side`) or for either host. */
function endField(kind: 'text' | 'address' | 'end', info: FieldText, testOf: (value: TextValue) => EndTest, side?: Side): Field<EndValue> {
  const hostsOf = (value: EndValue, source: FilterSource) =>
    value.kind === 'address' ? hostsWithin(value, source) : testOf(value).hosts(value, source)
  return {
    kind,
    ...info,
    match: (mask, value, source) => markHosts(mask, hostsOf(value, source), side, source),
    sql(value, context) {
      if (value.kind === 'address') return hasEnd(side, addressSql(value, context))
      const test = testOf(value)
      return hasEnd(side, test.sql(value), test.isPlaced)
    },
    packets(value, writer) {
      const network = value.kind === 'address' ? writer.dialect.network(value.first, value.last) : null
      const text = network ?? writer.hosts(hostsOf(value, writer.source))
      if (side) return writer.wider(text, BOTH_WAYS)
      return value.kind === 'address' ? writer.exact(text) : writer.wider(text, BY_ADDRESS)
    },
  }
}

const addressOf = ({ hosts }: FilterSource, host: number): Offer => ({ text: hosts.ip[host], about: hosts.asName[host] })

/** Addresses and names. */
const offerHosts = (side?: Side) => (offers: Offers) => {
  const names = namesByHost(offers.source)
  offers.ends((host) => [addressOf(offers.source, host), ...(names[host] ?? [])], side)
}

export const END_FIELDS = {
  country: endField(
    'text',
    {
      about: 'Country of either end, as a two-letter code or its name',
      example: 'country:KE',
      aliases: ['cc'],
      complete(offers) {
        const { hosts, places } = offers.source
        offers.ends((host) => {
          const place = places[hosts.place[host]]
          return place?.countryCode && !place.isOrigin ? [{ text: place.countryCode, label: formatCountry(place.countryCode) }] : []
        })
      },
    },
    () => byCountry,
  ),
  place: endField(
    'text',
    {
      about: 'Place of either end; impossible: light could not have gone there',
      example: 'place:"Berlin, Germany"',
      aliases: ['city'],
      complete(offers) {
        const { hosts, places } = offers.source
        offers.ends((host) => (places[hosts.place[host]] ? [{ text: places[hosts.place[host]].label }] : []))
      },
    },
    () => byPlace,
  ),
  host: endField(
    'text',
    { about: 'A name or address of either end; * matches any text', example: 'host:*.example.com', complete: offerHosts() },
    () => byName,
  ),
  ip: endField(
    'address',
    {
      about: 'Address, network or range of either end',
      example: 'ip:10.0.0.0/8',
      aliases: ['addr', 'address'],
      complete: (offers) => offers.ends((host) => [addressOf(offers.source, host)]),
    },
    () => byName,
  ),
  net: endField(
    'end',
    {
      about: 'Network of either end: CIDR, or the name of its operator',
      example: 'net:192.0.2.0/24',
      aliases: ['network'],
      complete(offers) {
        const { asName } = offers.source.hosts
        offers.ends((host) => (asName[host] ? [{ text: asName[host] }] : []))
      },
    },
    () => byNetwork,
  ),
  asn: endField(
    'text',
    {
      about: 'Autonomous system of either end: number or name',
      example: 'asn:13335',
      aliases: ['as'],
      complete(offers) {
        const { asn, asName } = offers.source.hosts
        offers.ends((host) => (asn[host] === null ? [] : [{ text: String(asn[host]), label: asName[host], about: asName[host] }]))
      },
    },
    () => byNetwork,
  ),
  from: endField(
    'end',
    {
      about: 'The client: address, network (CIDR, AS13335, no-as), name, country, scope, origin or unlocated',
      example: 'from:10.0.0.0/8',
      aliases: ['client', 'src'],
      complete: offerHosts('client'),
    },
    testFor,
    'client',
  ),
  to: endField(
    'end',
    {
      about: 'The server: address, network (CIDR, AS13335, no-as), name, country, scope, origin or unlocated',
      example: 'to:KE',
      aliases: ['server', 'dst'],
      complete: offerHosts('server'),
    },
    testFor,
    'server',
  ),
  scope: endField(
    'text',
    {
      about: 'Kind of address of either end: public, private, multicast, …',
      example: 'scope:multicast',
      words: SCOPES,
      complete: (offers) => offers.words(SCOPES),
    },
    () => byScope,
  ),
}
