// Certificates made with openssl for these tests; Node's own reader says what is in them.
import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../src/detect/observe/certificate.ts'
import { hex, join, u16, u24 } from '../../support/build.ts'
import { tlsClientHello, tlsRecord, tlsServerHello } from '../../support/messages.ts'
import { conversation, observe } from '../../support/observations.ts'

const SELF_SIGNED = Buffer.from(
  'MIIBxTCCAWugAwIBAgIBBzAKBggqhkjOPQQDAjApMQ0wCwYDVQQKDARUZXN0MRgwFgYDVQQDDA9ib3guZXhhbXBsZS5vcmcwHhcNMjYxMTIzMDExNTQ5WhcNMjcxMTIzMDExNTQ5WjApMQ0wCwYDVQQKDARUZXN0MRgwFgYDVQQDDA9ib3guZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASIdYSUoCrog9oQTzBkRmxY0uRNtvyNQG8k3Ap5j296buoOWdcRYhvdaWZuEDECDcrCV9Xflyv5l2tWOZV9I5r1o4GDMIGAMB0GA1UdDgQWBBRrUJBfsICOHcl8bs1XJQjfWY+ZAzAfBgNVHSMEGDAWgBRrUJBfsICOHcl8bs1XJQjfWY+ZAzAPBgNVHRMBAf8EBTADAQH/MC0GA1UdEQQmMCSCD2JveC5leGFtcGxlLm9yZ4IRKi5ib3guZXhhbXBsZS5vcmcwCgYIKoZIzj0EAwIDSAAwRQIhAOkWmeUSusx4LmXp1yr3/0jTnbBHBInwjqYmtHZPCGRTAiB2GWm9H1sjCf/ZC5VEoxory0rgVPDGyiKZkt1l08/L2g==',
  'base64',
)
const ISSUED = Buffer.from(
  'MIIBhzCCASygAwIBAgIBCTAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IEF1dGhvcml0eTAeFw0yNjExMjMwMTE1NDlaFw0yNzAyMjEwMTE1NDlaMBoxGDAWBgNVBAMMD3d3dy5leGFtcGxlLm5ldDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG39M0rPeagH5MbdRd+YO5zKA3Q9nkVdGnibel+oBx0Opvgu29w/s7Mylr8CuGaz6B1XMkk4G012vCk+ICRlcTejZDBiMCAGA1UdEQQZMBeCD3d3dy5leGFtcGxlLm5ldIcEwAACATAdBgNVHQ4EFgQUgfKKaqEmEr3zqbnExvw/uv2CVLQwHwYDVR0jBBgwFoAUZwf6G9I2W5sx3sKjPKWcLXnXBMkwCgYIKoZIzj0EAwIDSQAwRgIhAMy52qpQj8EmUs05fticQpM3LSQGfHX13LGmdy+qclFYAiEAvppmyszOu2VJpooudn6aGjTbXDK2EEgcwVSv2fqqm8g=',
  'base64',
)

/** ServerHello of an older TLS with this cipher suite, and a certificate, in one record. */
function flight(version: number, cipher: number, certificate: Uint8Array): Uint8Array {
  const hello = join(u16(version), new Uint8Array(32), 0, u16(cipher), 0)
  const list = join(u24(certificate.length), certificate)
  return tlsRecord(22, join(2, u24(hello.length), hello, 11, u24(list.length + 3), u24(list.length), list), version)
}

describe('certificates', () => {
  it.each([
    ['self-signed', SELF_SIGNED],
    ['issued', ISSUED],
  ])('%s: names and dates as Node reads them', (_, der) => {
    const oracle = new X509Certificate(der)
    const certificate = parseCertificate(der, 0, der.length)!
    expect(certificate.notBeforeUs).toBe(Date.parse(oracle.validFrom) * 1000)
    expect(certificate.notAfterUs).toBe(Date.parse(oracle.validTo) * 1000)
    expect(oracle.subject.toLowerCase()).toContain(`cn=${certificate.subject}`)
    expect(oracle.issuer.toLowerCase()).toContain(`cn=${certificate.issuer}`)
    expect(certificate.isSelfIssued).toBe(oracle.checkIssued(oracle))
    for (const name of certificate.names) expect(oracle.subjectAltName).toContain(`DNS:${name}`)
  })

  it('say when a name of another kind was left out', () => {
    expect(parseCertificate(SELF_SIGNED, 0, SELF_SIGNED.length)).toMatchObject({
      hasAllNames: true,
      names: ['box.example.org', '*.box.example.org'],
    })
    expect(parseCertificate(ISSUED, 0, ISSUED.length)).toMatchObject({ hasAllNames: false, names: ['www.example.net'] })
  })

  it('cut anywhere or with any byte turned over never throw', () => {
    for (let length = 0; length < ISSUED.length; length++) expect(parseCertificate(ISSUED, 0, length)).toBeNull()
    for (let at = 0; at < ISSUED.length; at++) {
      const broken = Uint8Array.from(ISSUED)
      broken[at] ^= 0xff
      expect(() => parseCertificate(broken, 0, broken.length)).not.toThrow()
    }
  })
})

describe('TLS servers', () => {
  it('show version, cipher suite and certificate, in segments of any size', () => {
    const bytes = flight(0x0301, 0x0005, SELF_SIGNED)
    for (const size of [60, 200, 1460]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
      const { tls } = observe(
        conversation(443, [['client', tlsClientHello()], ...pieces.map((piece): ['server', Uint8Array] => ['server', piece])]),
      )
      expect(tls).toMatchObject([{ version: 0x0301, cipher: 5, certificate: { subject: 'box.example.org', isSelfIssued: true } }])
    }
  })

  it('hide the certificate in TLS 1.3, and have none in a resumed session', () => {
    const resumed = join(tlsRecord(22, join(2, u24(38), u16(0x0303), new Uint8Array(32), 0, u16(0xc02f), 0)), hex('14 0303 0001 01'))
    for (const [answer, version] of [
      [tlsServerHello(), 0x0304],
      [resumed, 0x0303],
    ] as const) {
      const { tls } = observe(
        conversation(443, [
          ['client', tlsClientHello()],
          ['server', answer],
        ]),
      )
      expect(tls).toMatchObject([{ version, certificate: null }])
    }
  })
})
