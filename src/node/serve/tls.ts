// Files of certificate and key -> the settings of an HTTPS server: TLS 1.2 and 1.3, forward secrecy, AEAD.
import { readFileSync } from 'node:fs'
import type { TlsOptions } from 'node:tls'
import { UsageError } from '../../errors.ts'
import { reasonOf } from '../input/input.ts'

/** As RFC 9325, 4.2 recommends: no CBC, no RSA key exchange. Browsers since 2015 support one of them. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** One year (RFC 6797), without subdomains, which may be other servers. */
const HSTS = 'max-age=31536000'

/** @throws UsageError */
export function readTls(tlsCert: string | null, tlsKey: string | null): TlsOptions | null {
  if (tlsCert === null && tlsKey === null) return null
  if (tlsCert === null || tlsKey === null) throw new UsageError('--tls-cert and --tls-key go together: give both')
  return {
    cert: readNamed('--tls-cert', tlsCert),
    key: readNamed('--tls-key', tlsKey),
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
  }
}

/** Not for localhost: browsers apply HSTS to all ports of a name, and other local programs use plain HTTP. @returns null: no header */
export function hstsFor(host: string | undefined): string | null {
  return /^(?:[a-z0-9-]+\.)*localhost(?::\d+)?$/i.test(host ?? '') ? null : HSTS
}

function readNamed(option: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`${option} ${path}: ${reasonOf(error)}`)
  }
}
