import type { CertificateHeader } from '@countersign/core'
import { StartError } from './start-error.ts'
import type { Read } from './trust-config.ts'
import { readFileOf } from './trust-config.ts'

/** What a server proves its own name by, in PEM. */
export interface ServerCertificate {
  readonly cert: string
  readonly key: string
  /** Authorities that clients are told of, so that they choose a certificate; trust is for policies to say. */
  readonly ca?: string
}

/** Reads the certificate of this server; without it there is no TLS. */
export function readServerCertificate(read: Read): ServerCertificate | undefined {
  const cert = readFileOf(read, 'COUNTERSIGN_TLS_CERT')
  const key = readFileOf(read, 'COUNTERSIGN_TLS_KEY')
  const ca = readFileOf(read, 'COUNTERSIGN_TLS_CLIENT_CA')
  if (cert !== undefined && key !== undefined) return { cert, key, ...(ca !== undefined && { ca }) }
  if (cert === undefined && key === undefined && ca === undefined) return undefined
  throw new StartError('TLS needs COUNTERSIGN_TLS_CERT and COUNTERSIGN_TLS_KEY, both')
}

const FORMATS = ['url-pem', 'base64-der', 'rfc9440'] as const

/** Reads in which header trusted proxies say which certificate a client proved; without it they are not asked. */
export function readCertificateHeader(read: Read): CertificateHeader | undefined {
  const header = read('COUNTERSIGN_CERTIFICATE_HEADER')
  const named = read('COUNTERSIGN_CERTIFICATE_FORMAT')
  const format = FORMATS.find((known) => known === (named ?? 'url-pem'))
  if (format === undefined)
    throw new StartError(`COUNTERSIGN_CERTIFICATE_FORMAT must be one of ${FORMATS.join(', ')}`)
  if (header === undefined) return undefined
  if (read('COUNTERSIGN_TRUSTED_PROXIES') !== undefined)
    return { header: header.toLowerCase(), format }
  throw new StartError(
    'COUNTERSIGN_CERTIFICATE_HEADER needs COUNTERSIGN_TRUSTED_PROXIES: nobody else is asked for it',
  )
}
