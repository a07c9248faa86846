import type { SchemaOf } from '@countersign/core/plugin'
import { chosen, isPlainObject, objectOf, optional, text } from '@countersign/evidence'
import type { HeaderForm } from './header-form.ts'
import { namesTwice, readHeaderForm } from './header-form.ts'
import { readPresignedForm } from './presigned-form.ts'
import type { RequestFlaw, RequestRules, SignedRequest } from './signed-request.ts'

/**
 * What a workload presents: a request for `sts:GetCallerIdentity` that it signed and did not send. Either a POST (`body`
 * and `headers` in base64, the headers as a JSON object) or a presigned URL.
 */
export type AwsCredential = HeaderForm | { readonly presignedUrl: string }

/** Longer than any session token makes it. */
const LONGEST = 16_384

const headerForm = objectOf<HeaderForm>({
  method: optional(text(16)),
  body: text(1024),
  headers: text(LONGEST, (headers) =>
    namesTwice(headers) ? 'must not name a header twice' : undefined,
  ),
})

const presignedForm = objectOf<{ readonly presignedUrl: string }>({ presignedUrl: text(LONGEST) })

/** The schema of credentials. */
export const awsCredential: SchemaOf<AwsCredential> = chosen<AwsCredential>((input) =>
  isPlainObject(input) && Object.hasOwn(input, 'presignedUrl') ? presignedForm : headerForm,
)

/** Reads either form. */
export async function readCredential(
  credential: AwsCredential,
  rules: RequestRules,
): Promise<SignedRequest | RequestFlaw> {
  return 'presignedUrl' in credential
    ? readPresignedForm(credential.presignedUrl, rules)
    : await readHeaderForm(credential, rules)
}
