import type { SchemaOf } from '@countersign/core/plugin'
import { text } from '@countersign/evidence'

/** Certificates in PEM. A private key beside them has no business here. */
export const certificates: SchemaOf<string> = text(65_536, (pem) =>
  pem.includes('-----BEGIN CERTIFICATE-----') && !pem.includes('PRIVATE KEY')
    ? undefined
    : 'must be certificates in PEM, and nothing else',
)
