// What an engine is asked before the filter itself is applied: it may find too much, never too little.
import { expect, test } from 'vitest'
import { parseFilter } from '../../src/filter/parser.ts'
import { necessarySql } from '../../src/node/lake/necessary-sql.ts'

test.each([
  ['from:10.0.0.5', "((client_ip IN ('10.0.0.5', '::ffff:10.0.0.5')))"],
  ['to:2001:DB8:0:0::1', "((server_ip IN ('2001:db8::1')))"],
  ['ip:10.0.0.5', "((client_ip IN ('10.0.0.5', '::ffff:10.0.0.5') OR server_ip IN ('10.0.0.5', '::ffff:10.0.0.5')))"],
  ['port:443', '((client_port = 443 OR server_port = 443))'],
  ['app:QUIC', "(lower(application) = 'quic')"],
  ['to:KE', "((lower(server_country_code) = 'ke'))"],
  ['country:IS proto:tcp', "((lower(client_country_code) = 'is' OR lower(server_country_code) = 'is')) AND (lower(transport) = 'tcp')"],
  // What is not known is left to the filter: of parts that must all be met, and of none where one is enough.
  ['from:10.0.0.5 name:a.example', "((client_ip IN ('10.0.0.5', '::ffff:10.0.0.5')))"],
  ['from:10.0.0.5 or name:a.example', null],
  ['from:10.0.0.5,Kenya', null],
  ['-from:10.0.0.5', null],
  ['host:10.0.0.5', null],
  ['net:10.0.0.0/8', null],
  ['app:t*', null],
  ["app:it's", null],
  ['app:ünder', null],
  ['10.0.0.5', null],
  ['', null],
])('%s', (filter, sql) => {
  expect(necessarySql(parseFilter(filter))).toBe(sql)
})
