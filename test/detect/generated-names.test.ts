// The classifier of names, on names that are in no list it was trained on: two generators written here, and what every network asks for.
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { random } from '../../fixtures/generate/random.ts'
import { domainOf } from '../../src/detect/methods/domains.ts'
import { classify, THRESHOLD } from '../../src/detect/methods/generated-names/classify.ts'

const next = random(5)
const letters = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')

describe('generated names', () => {
  it.each([
    ['letters', () => `${letters('abcdefghijklmnopqrstuvwxyz', 12)}.com`],
    ['letters and digits', () => `${letters('abcdefghijklmnopqrstuvwxyz0123456789', 16)}.net`],
    ['hexadecimal', () => `${letters('0123456789abcdef', 20)}.info`],
    ['below a dynamic DNS service', () => `${letters('abcdefghijklmnopqrstuvwxyz0123456789', 14)}.ddns.net`],
  ])('of %s are recognised, 85 of 100 and more', (_, make) => {
    const names = Array.from({ length: 200 }, make)
    expect(names.filter((name) => classify(name) >= THRESHOLD).length).toBeGreaterThanOrEqual(170)
  })

  it('names that people and programs use every day are not', () => {
    const names =
      'www.wikipedia.org mail.google.com static.xx.fbcdn.net d111111abcdef8.cloudfront.net e8218.dscb1.akamaiedge.net ec2-3-120-1-2.eu-central-1.compute.amazonaws.com r4---sn-4g5e6nsz.googlevideo.com a1b2c3d4e5f6.azureedge.net settings-win.data.microsoft.com ocsp.digicert.com www.rfc-editor.org archive.mozilla.org pool.ntp.org stackoverflow.com sueddeutsche.de lemonde.fr telekom.de amazon.co.uk nationalgeographic.com washingtonpost.com raspberrypi.org kubernetes.io postgresql.org bundesregierung.de x1y2z3.execute-api.us-east-1.amazonaws.com 0123456789abcdef0123456789abcdef.safeframe.googlesyndication.com'.split(
        ' ',
      )
    expect(names.filter((name) => classify(name) >= THRESHOLD)).toEqual([])
  })

  it('names without a public suffix are not judged', () => {
    for (const name of [
      'qzxjvkwpyh.local',
      'qzxjvkwpyh.lan',
      'qzxjvkwpyh',
      '1.2.0.192.in-addr.arpa',
      '192.0.2.1',
      'xn--80ak6aa92e.com',
      '',
    ]) {
      expect([name, classify(name)]).toEqual([name, 0])
    }
  })

  it('the model is small', () => {
    const file = fileURLToPath(new URL('../../src/detect/methods/generated-names/model.ts', import.meta.url))
    expect(statSync(file).size).toBeLessThan(200_000)
  })
})

describe('registrable domains', () => {
  it.each([
    ['www.example.co.uk', 'example.co.uk', 'www'],
    ['a.b.c.d.e.example.com', 'example.com', 'a.b.c.d.e'],
    ['example.org', 'example.org', ''],
    ['host.home.ddns.net', 'home.ddns.net', 'host'],
    ['a.b.c.kobe.jp', 'b.c.kobe.jp', 'a'],
    ['www.city.kobe.jp', 'city.kobe.jp', 'www'],
  ])('%s is %s', (name, registrable, subdomain) => {
    expect(domainOf(name)).toMatchObject({ registrable, subdomain })
  })

  it.each(['com', 'co.uk', 'printer.local', '10.0.0.1', '::1'])('%s has none', (name) => {
    expect(domainOf(name)).toBeNull()
  })
})
