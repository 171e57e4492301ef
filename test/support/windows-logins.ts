// Logins of Windows domains, byte by byte: Kerberos (RFC 4120 5.4) and NTLM (MS-NLMP 2.2.1.3).
import { hex, join, type Part, u16 } from './build.ts'

/** One element of DER with a short or a long length. */
export const der = (tag: number, ...content: Part[]): Uint8Array => {
  const body = join(...content)
  return body.length < 128 ? join(tag, body.length, body) : join(tag, 0x82, u16(body.length), body)
}
export const string = (text: string) => der(0x1b, text)
export const principal = (...parts: string[]) => der(0x30, der(0xa0, hex('02 01 01')), der(0xa1, der(0x30, ...parts.map(string))))
/** The sequence of a message, in its application tag. */
const message = (tag: number, ...content: Part[]) => der(tag, der(0x30, ...content))
export const asRequest = (...parts: string[]) =>
  message(
    0x6a,
    der(0xa1, hex('02 01 05')),
    der(0xa2, hex('02 01 0a')),
    der(
      0xa4,
      der(
        0x30,
        der(0xa0, hex('03 05 00 40 81 00 10')),
        der(0xa1, principal(...parts)),
        der(0xa2, string('CORP.EXAMPLE')),
        der(0xa3, principal('krbtgt', 'CORP.EXAMPLE')),
        der(0xa5, der(0x18, '20370913024805Z')),
        der(0xa7, hex('02 04 12345678')),
        der(0xa8, der(0x30, hex('02 01 12 02 01 17'))),
        der(0xa9, der(0x30, der(0x30, der(0xa0, hex('02 01 14')), der(0xa1, der(0x04, 'PC-5            '))))),
      ),
    ),
  )
export const asReply = (name: string) =>
  message(
    0x6b,
    der(0xa0, hex('02 01 05')),
    der(0xa1, hex('02 01 0b')),
    der(0xa3, string('CORP.EXAMPLE')),
    der(0xa4, principal(name)),
    der(0xa5, new Uint8Array(1400)),
  )

const utf16 = (text: string): Uint8Array => join(...[...text].flatMap((letter) => [letter.charCodeAt(0), 0]))
const le16 = (value: number) => join(value & 255, value >> 8)
const le32 = (value: number) => join(value & 255, (value >> 8) & 255, value >> 16, 0)

/** The third message of NTLM; the response would be where `secret` is. */
export function ntlmLogin(domain: string, user: string, workstation: string): Uint8Array {
  const secret = new Uint8Array(24).fill(0xaa)
  const values = [secret, secret, utf16(domain), utf16(user), utf16(workstation), new Uint8Array(0)]
  let at = 64
  const fields = values.map((value) => {
    const field = join(le16(value.length), le16(value.length), le32(at))
    at += value.length
    return field
  })
  return join('NTLMSSP\0', le32(3), ...fields, le32(1), ...values)
}
