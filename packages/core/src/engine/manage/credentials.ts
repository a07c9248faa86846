import { invalidRequest, notFound } from '../../errors.ts'
import type { PageInput } from '../../input/page.ts'
import type { SecretForm } from '../../lib/secret.ts'
import { mintSecret } from '../../lib/secret.ts'
import type { Seconds } from '../../lib/time.ts'
import { later } from '../../lib/time.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { Digest, StoredCredential } from '../../model/credential.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { CredentialStore } from '../../ports/credential-store.ts'
import { digestsOf } from '../attempt.ts'
import type { Parts } from '../parts.ts'
import type { Desk } from './command.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** Whose credential it is. */
export interface CredentialOwner {
  readonly organization: string
  readonly identity: string
}

/** Finds the auth method that an identity's credentials belong to, or throws. */
export async function getMethodOf(
  { storage }: Pick<Desk, 'storage'>,
  { organization, identity }: CredentialOwner,
  { method, missing }: { readonly method: string; readonly missing: string },
): Promise<AuthMethod> {
  if ((await storage.identities.find(organization, identity)) === undefined)
    throw notFound('identity')
  const authMethod = await storage.authMethods.find(organization, identity, method)
  if (authMethod === undefined) throw invalidRequest(missing)
  return authMethod
}

/** A credential at its birth, and what it will be found by. */
export interface Minted {
  readonly credential: string
  readonly digest: Digest
}

/** Mints a credential; its digest is made with the newest root key. */
export function mintCredential(
  { rootKeys, runtime }: Pick<Parts, 'rootKeys' | 'runtime'>,
  form: SecretForm,
): Minted {
  const credential = mintSecret(form, runtime.random)
  const [digest] = digestsOf(rootKeys, credential)
  return { credential, digest }
}

/** When a credential ends that lives so long, or until then; undefined where neither is said. */
export function endOfLife(
  { ttl, expiresAt }: { readonly ttl?: Seconds | undefined; readonly expiresAt?: Date | undefined },
  now: Date,
): Date | undefined {
  const end = ttl === undefined ? expiresAt : later(now, ttl)
  if (end !== undefined && end <= now) throw invalidRequest('expiresAt must lie in the future')
  return end
}

/** Lists the credentials of one identity, or throws `not_found` for an unknown one. */
export async function listOf<Credential extends StoredCredential>(
  name: string,
  { storage }: Pick<Desk, 'storage'>,
  store: CredentialStore<Credential>,
  { organization, identity: id, ...page }: CredentialOwner & PageInput,
): Promise<Page<Credential>> {
  const identity = await storage.identities.find(organization, id)
  if (identity === undefined) throw notFound('identity')
  return pageOf(name, store, page, { organization, identity: identity.id })
}

/** The identity that a credential belongs to, as whom a command is about. */
export function toIdentity({ identity: id }: Pick<CredentialOwner, 'identity'>): Subject {
  return { kind: 'identity', id }
}
