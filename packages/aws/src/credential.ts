import type { SchemaOf } from '@countersign/core/plugin'
import { chosen, isPlainObject, objectOf, optional, text } from '@countersign/evidence'
import type { HeaderForm } from './header-form.ts'
import { namesTwice, readHeaderForm } from './header-form.ts'
import { readPresignedForm } from './presigned-form.ts'
import type { RequestFlaw, RequestRules, SignedRequest } from './signed-request.ts'
import type { TokenForm } from './token-form.ts'
import { readTokenForm, refuseToken } from './token-form.ts'

/**
 * What a workload presents: a request for `sts:GetCallerIdentity` that it signed and did not send. Either a POST (`body`
 * and `headers` in base64, the headers as a JSON object), a presigned URL, or the token that clients of Google's workload
 * identity federation make of it.
 */
export type AwsCredential = HeaderForm | { readonly presignedUrl: string } | TokenForm

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

const tokenForm = objectOf<TokenForm>({ callerIdentityToken: text(LONGEST, refuseToken) })

/** The schema of credentials. */
export const awsCredential: SchemaOf<AwsCredential> = chosen<AwsCredential>((input) => {
  if (!isPlainObject(input)) return headerForm
  if (Object.hasOwn(input, 'callerIdentityToken')) return tokenForm
  return Object.hasOwn(input, 'presignedUrl') ? presignedForm : headerForm
})

/** Reads any of the forms. */
export async function readCredential(
  credential: AwsCredential,
  rules: RequestRules,
): Promise<SignedRequest | RequestFlaw> {
  if ('callerIdentityToken' in credential) return readTokenForm(credential, rules)
  return 'presignedUrl' in credential
    ? readPresignedForm(credential.presignedUrl, rules)
    : await readHeaderForm(credential, rules)
}
