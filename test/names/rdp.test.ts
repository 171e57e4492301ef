import { expect, it } from 'vitest'
import { hex } from '../support/build.ts'
import { tlsClientHello } from '../support/messages.ts'
import { Observer } from './observer.ts'

const CLIENT = '192.0.2.1:40000'
const SERVER = '198.51.100.1:3389'
const REQUEST = hex('0300 0013 0e e0 0000 0000 00 01 00 0800 03000000')
const CONFIRM = hex('0300 0013 0e d0 0000 1234 00 02 00 0800 01000000')

it('RDP: the ClientHello behind the negotiation names the server', () => {
  const hello = tlsClientHello({ serverName: 'desk.example.com' })
  const exchange = () => new Observer().tcp(CLIENT, SERVER, '', 99, 'S').tcp(SERVER, CLIENT, '', 499, 'SA')
  const negotiated = () => exchange().tcp(CLIENT, SERVER, REQUEST, 100).tcp(SERVER, CLIENT, CONFIRM, 500)
  const expected = { application: 'rdp', serverName: 'desk.example.com', serverNameSource: 'tls' }
  expect(negotiated().tcp(CLIENT, SERVER, hello, 119).flow()).toMatchObject(expected)
  const pieces = negotiated().tcp(CLIENT, SERVER, hello.slice(0, 70), 119).tcp(CLIENT, SERVER, hello.slice(70), 189)
  expect(pieces.flow()).toMatchObject(expected)
  expect(pieces.flow().ja4).not.toBeNull()
  const small = negotiated().tcp(CLIENT, SERVER, hello.slice(0, 3), 119).tcp(CLIENT, SERVER, hello.slice(3), 122)
  expect(small.flow()).toMatchObject(expected)
})
