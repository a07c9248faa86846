import type {
  ClientSecret,
  CredentialId,
  Revocation,
  StaticToken,
  StoredCredential,
} from '@countersign/core/plugin'
import { isStaticToken } from '@countersign/core/plugin'
import type { Json } from './records.ts'
import { instant, withInstants } from './records.ts'
import type { Value } from './statement.ts'
import { fromStoredText } from './text.ts'

/** A credential of either kind. */
export type AnyCredential = ClientSecret | StaticToken

/** What the table calls the two kinds. */
export type CredentialKind = 'secret' | 'token'

/** A credential as statements answer it: what never changes, and what decisions change. */
export interface CredentialAnswer {
  readonly record: Json<AnyCredential>
  readonly name: string
  readonly uses: number
  readonly firstUsedAt: number | null
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
  readonly revoked: Json<Revocation> | null
  readonly replacedBy: CredentialId | null
  readonly rootKey: string
}

/** Reads a credential. */
export function toCredential<Credential extends StoredCredential = AnyCredential>(
  answer: CredentialAnswer,
): Credential {
  const fixed = withInstants<AnyCredential>(answer.record, ['createdAt'])
  const name = fromStoredText(answer.name)
  const credential: unknown = {
    ...fixed,
    ...(isStaticToken(fixed) ? { name } : { description: name }),
    uses: answer.uses,
    ...instant('firstUsedAt', answer.firstUsedAt),
    ...instant('lastUsedAt', answer.lastUsedAt),
    ...instant('expiresAt', answer.expiresAt),
    ...(answer.revoked !== null && { revoked: withInstants<Revocation>(answer.revoked, ['at']) }),
    ...(answer.replacedBy !== null && { replacedBy: answer.replacedBy }),
  }
  return credential as Credential
}

/** What the columns of a new credential hold, in the order of the statement that inserts it. */
export function valuesOf(credential: AnyCredential): readonly Value[] {
  const { id, organization, identity, authMethod, maxUses, uses, revoked, createdAt } = credential
  return [
    id,
    isStaticToken(credential) ? 'token' : 'secret',
    organization,
    identity,
    authMethod,
    isStaticToken(credential) ? credential.name : credential.description,
    maxUses,
    uses,
    credential.firstUsedAt?.getTime(),
    credential.lastUsedAt?.getTime(),
    credential.expiresAt?.getTime(),
    revoked?.at.getTime(),
    revoked === undefined ? undefined : JSON.stringify(revoked),
    'replacedBy' in credential ? credential.replacedBy : undefined,
    createdAt.getTime(),
    JSON.stringify(fixedPartOf(credential)),
  ]
}

function fixedPartOf(credential: AnyCredential): object {
  return Object.fromEntries(Object.entries(credential).filter(([name]) => !CHANGING.has(name)))
}

/** What has a column of its own, where decisions change it. */
const CHANGING: ReadonlySet<string> = new Set([
  'name',
  'description',
  'uses',
  'firstUsedAt',
  'lastUsedAt',
  'expiresAt',
  'revoked',
  'replacedBy',
])
