import type { Certificate } from './certificate/certificate.ts'

const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/[A-Za-z0-9._-]+)+$/

/**
 * The SPIFFE ID of an X.509-SVID of a workload: its only URI, in the one form there is (SPIFFE-ID 2; X509-SVID 2 and 5.2).
 */
export function spiffeIdOf({ names: { uris } }: Pick<Certificate, 'names'>): string | undefined {
  const [id = ''] = uris
  if (uris.length !== 1 || id.length > 2048 || !SPIFFE_ID.test(id)) return undefined
  const segments = id.slice('spiffe://'.length).split('/')
  return segments.some((segment) => segment === '.' || segment === '..') ? undefined : id
}
