import type { Certificate } from './certificate.ts'
import { readCertificate } from './certificate.ts'

/** The blocks of one label (RFC 7468), as DER; what stands around them is explanation. */
export function readPem(text: string, label: string): readonly Uint8Array[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  return text
    .split(begin)
    .slice(1)
    .map((block) => block.slice(0, Math.max(0, block.indexOf(end))).replace(/\s/g, ''))
    .map((body) => Uint8Array.from(Buffer.from(body, 'base64')))
}

/** The certificates of a bundle; nothing where one of them cannot be read. */
export function readBundle(text: string): readonly Certificate[] | undefined {
  const certificates = readPem(text, 'CERTIFICATE').map(readCertificate)
  return certificates.every((certificate) => certificate !== undefined) ? certificates : undefined
}
