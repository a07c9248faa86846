import type { Certificate } from './certificate/certificate.ts'
import { commonNameOf } from './names.ts'
import { spiffeIdOf } from './spiffe.ts'

/** What permission rules may refer to: names of which a certificate has exactly one, and what it is counted by. */
export function attestedOf(certificate: Certificate): Readonly<Record<string, string>> {
  const { subjectNames, names, serial, keyFingerprint } = certificate
  const single = {
    commonName: commonNameOf(certificate),
    organizationalUnit: subjectNames.organizationalUnits,
    dnsName: names.dnsNames.filter((name) => !name.includes('*')),
    ipAddress: names.ipAddresses,
    uri: names.uris,
    email: names.emails,
    spiffeId: [spiffeIdOf(certificate)].filter((id) => id !== undefined),
  }
  const told = Object.entries(single).flatMap(([name, values]) =>
    values.length === 1 ? [[name, values[0]] as const] : [],
  )
  return Object.fromEntries([
    ...told,
    ['serialNumber', serial],
    ['keyFingerprint', keyFingerprint],
  ]) as Readonly<Record<string, string>>
}
