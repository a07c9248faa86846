import { createHash } from 'node:crypto'
import type {
  Attestation,
  Charge,
  Rejection,
  SchemaOf,
  Verifier,
  VerifierContext,
  WireMapping,
} from '@countersign/core/plugin'
import { isRejection, later, toBase64Url } from '@countersign/core/plugin'
import type { Checklist } from '@countersign/evidence'
import { createChecklist, objectOf, plain, text } from '@countersign/evidence'
import type { RegionalCertificates, RegionalKey } from './certificates.ts'
import { readCertificates } from './certificates.ts'
import type { InstanceDocument } from './document.ts'
import { attestedOf, readDocument } from './document.ts'
import type { AwsEc2Policy } from './policy.ts'
import { checkInstance, LONGEST_LIFE, policyOf } from './policy.ts'
import { isSignedBy, readSignedData } from './signed-data.ts'

/** Whose signatures on instance identity documents count. */
export interface AwsEc2Options {
  /** AWS's certificates for RSA-2048, in PEM, by region; no other region is known. */
  readonly certificates: RegionalCertificates
}

/** What an instance presents. */
export interface AwsEc2Credential {
  /** What `/latest/dynamic/instance-identity/rsa2048` answers: PKCS7 in base64, with the document inside. */
  readonly pkcs7: string
  /** What the instance made up before its first login, and says again at each: 22 to 128 random characters. */
  readonly nonce: string
}

/**
 * Creates the verifier of EC2 instances, by their identity documents. A document names no audience and never ends, so the
 * first nonce that an instance shows is the only one that it gets in with. A certificate that cannot be used is a
 * `TypeError`.
 */
export function awsEc2({
  certificates,
}: AwsEc2Options): Verifier<'aws-ec2', AwsEc2Policy, AwsEc2Credential> {
  const keys = readCertificates(certificates)
  return Object.freeze<Verifier<'aws-ec2', AwsEc2Policy, AwsEc2Credential>>({
    method: 'aws-ec2',
    policy: policyOf(new Set(keys.keys())),
    credential: awsEc2Credential,
    wire: awsEc2Wire,
    verify({ pkcs7, nonce }, context): Attestation | Rejection {
      const list = createChecklist(context)
      const document = provedDocument(pkcs7, keys, context.now, list)
      if (isRejection(document)) return document
      checkInstance(document, context.policy, context.now, list)
      const refusal = list.refusal()
      if (refusal !== undefined) return refusal
      const charges = [markOf(document, nonce, context)]
      return { subject: subjectOf(document), claims: attestedOf(document), charges }
    },
  })
}

const LONGEST = 16_384

const awsEc2Credential: SchemaOf<AwsEc2Credential> = objectOf<AwsEc2Credential>({
  pkcs7: text(LONGEST, (value) =>
    /^[A-Za-z0-9+/\r\n]+={0,2}\s*$/.test(value) ? undefined : 'must be PKCS7 in base64',
  ),
  nonce: text(128, (value) =>
    /^[\x21-\x7e]{22,}$/.test(value) ? undefined : 'must be 22 to 128 visible characters',
  ),
})

/** Ours: Infisical has no such method. */
const awsEc2Wire: WireMapping = {
  slug: 'aws-ec2-auth',
  settings: 'identityAwsEc2Auth',
  login: {
    pkcs7: { to: 'pkcs7', as: 'text' },
    nonce: { to: 'nonce', as: 'text' },
  },
  policy: {
    allowedAccountIds: { to: 'accounts', as: 'texts' },
    allowedInstanceIds: { to: 'instances', as: 'texts' },
    allowedRegions: { to: 'regions', as: 'texts' },
    allowedImageIds: { to: 'images', as: 'texts' },
  },
}

/** The document, where a key of its own region signed it. */
function provedDocument(
  pkcs7: string,
  keys: ReadonlyMap<string, readonly RegionalKey[]>,
  now: Date,
  list: Checklist,
): InstanceDocument | Rejection {
  const signed = readSignedData(Buffer.from(pkcs7, 'base64'))
  if (signed === undefined) return list.stop('form', 'signature_malformed')
  const document = readDocument(signed.content)
  if (document === undefined) return list.stop('form', 'document_malformed')
  list.check('form', true, '')
  const regional = keys.get(document.region)
  // Nothing of it is proved yet, but it is a word in the form of a region.
  if (regional === undefined)
    return list.stop('region', 'unknown_region', () => ({
      expected: plain([...keys.keys()]),
      presented: plain(document.region),
    }))
  const proving = regional.filter(({ key }) => isSignedBy(signed, key))
  if (proving.length === 0) return list.stop('signature', 'bad_signature')
  list.check('signature', true, '')
  if (!proving.some(({ from, to }) => from <= now && now <= to))
    return list.stop('certificate', 'certificate_not_valid')
  return document
}

function subjectOf({ region, accountId, instanceId }: InstanceDocument): string {
  return `ec2:${region}:${accountId}:${instanceId}`
}

/**
 * One mark per instance and organization: whoever holds a stolen document opens no second identity with it, and no other
 * organization can lock the instance out. It outlives every document of this start.
 */
function markOf(
  document: InstanceDocument,
  nonce: string,
  { identity }: VerifierContext<AwsEc2Policy>,
): Charge {
  return {
    kind: 'once',
    key: `aws-ec2:${identity.organization}:${subjectOf(document)}`,
    until: later(document.pendingTime, LONGEST_LIFE + 60),
    holder: toBase64Url(createHash('sha256').update(nonce).digest()),
  }
}
