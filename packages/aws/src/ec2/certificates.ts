import type { KeyObject } from 'node:crypto'
import { X509Certificate } from 'node:crypto'

/** AWS's certificates for instance identity documents, in PEM, by region; several where one takes over from another. */
export type RegionalCertificates = Readonly<Record<string, string | readonly string[]>>

/** A key of AWS in one region, and while its certificate lasts. */
export interface RegionalKey {
  readonly key: KeyObject
  readonly from: Date
  readonly to: Date
}

/** The weakest key that counts: those of RSA-1024 that AWS has besides are refused. */
const FEWEST_BITS = 2048

/** Reads certificates; a `TypeError` names the region of one that cannot be used. */
export function readCertificates(
  certificates: RegionalCertificates,
): ReadonlyMap<string, readonly RegionalKey[]> {
  const regions = Object.entries(certificates)
  if (regions.length === 0) throw new TypeError('awsEc2() takes the certificates of a region')
  return new Map(
    regions.map(([region, pems]) => [region, [pems].flat().map((pem) => keyOf(region, pem))]),
  )
}

function keyOf(region: string, pem: string): RegionalKey {
  const certificate = parse(region, pem)
  const { publicKey: key, validFrom, validTo } = certificate
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < FEWEST_BITS)
    throw new TypeError(`awsEc2() takes certificates of RSA-2048 alone; that of ${region} is none`)
  return { key, from: new Date(validFrom), to: new Date(validTo) }
}

function parse(region: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new TypeError(`awsEc2() cannot read the certificate of ${region}`)
  }
}
