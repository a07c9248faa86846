import type {
  AuthMethod,
  ClientSecret,
  Identity,
  LockoutKey,
  LoginGrant,
  StandingQuery,
  StaticToken,
  Storage,
} from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT, DEFAULT_TOKEN_POLICY } from '@countersign/core/plugin'
import { anIdentity, anOrganization, at } from './records.ts'

/** Somebody who may log in, with a secret of ten uses and a static token of ten uses. */
export interface Workload {
  readonly identity: Identity
  readonly authMethod: AuthMethod
  readonly secret: ClientSecret
  readonly token: StaticToken
  readonly lockout: LockoutKey
  readonly standing: StandingQuery
  grant(given?: Partial<LoginGrant>): LoginGrant
}

/** Stores a workload in the organization `acme`. */
export async function seedWorkload(storage: Storage): Promise<Workload> {
  const identity = anIdentity()
  const owner = { organization: 'acme', identity: identity.id }
  const authMethod: AuthMethod = {
    ...owner,
    id: 'amt_1',
    method: 'universal',
    policy: {},
    tokenPolicy: DEFAULT_TOKEN_POLICY,
    lockout: DEFAULT_LOCKOUT,
    revision: 1,
    createdAt: at(0),
    updatedAt: at(0),
  }
  const usual = { ...owner, authMethod: authMethod.id, maxUses: 10, uses: 0, createdAt: at(0) }
  const secret: ClientSecret = { ...usual, id: 'csc_1', description: 'for the test' }
  const token: StaticToken = { ...usual, id: 'stk_1', name: 'for the test' }
  await storage.organizations.insert(anOrganization(), [])
  await storage.identities.insert(identity, [])
  await storage.authMethods.insert(authMethod, [])
  await storage.clientSecrets.insert(secret, { rootKey: 'key', value: 'digest' }, [])
  await storage.staticTokens.insert(token, { rootKey: 'key', value: 'other digest' }, [])
  const { id } = authMethod
  return {
    identity,
    authMethod,
    secret,
    token,
    lockout: { ...owner, method: 'universal', class: 'strangers' },
    standing: { ...owner, authMethod: id, session: 'sid_1' },
    grant: (given = {}) => ({
      ...owner,
      generation: 1,
      authMethod: id,
      charges: [{ kind: 'use', credential: secret.id }],
      ...given,
    }),
  }
}
