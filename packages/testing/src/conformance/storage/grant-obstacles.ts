import assert from 'node:assert/strict'
import type { Identity, LoginGrant } from '@countersign/core/plugin'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import { seedLock, seedOrganization, seedSecret } from './seed.ts'
import type { World } from './world.ts'

/** A grant that is ready to be committed, and the secret that it uses. */
export interface ReadyGrant {
  readonly workload: Workload
  readonly grant: LoginGrant
  readonly secret: string
}

/** Something that happens between the judgement of a login and its grant. */
export interface Obstacle {
  readonly when: string
  /** The reason that the contract names, where it names one. */
  readonly reason?: string
  /** Makes it happen, and answers the grant to try. */
  happen(world: World, ready: ReadyGrant): Promise<LoginGrant>
}

/** Everything that must stop a grant. */
export const obstacles: readonly Obstacle[] = [
  {
    when: 'the counter it would clear is locked at `now`',
    reason: 'too_many_attempts',
    async happen(world, { grant }) {
      if (grant.lockout !== undefined) await seedLock(world, grant.lockout)
      return grant
    },
  },
  {
    when: 'the identity is gone',
    async happen({ storage }, { grant }) {
      await storage.identities.remove([grant.organization, grant.identity], [])
      return grant
    },
  },
  {
    when: 'the identity is disabled',
    reason: 'identity_disabled',
    happen: (world, ready) => reviseIdentity(world, ready, { disabled: true }),
  },
  {
    when: 'the identity is of a later generation',
    happen: (world, ready) => reviseIdentity(world, ready, { generation: 2 }),
  },
  {
    when: 'the identity is of an earlier generation',
    happen: async (_world, { grant }) => ({ ...grant, generation: grant.generation + 1 }),
  },
  {
    when: 'the identity is one of another organization',
    async happen(world, { grant }) {
      return { ...grant, organization: (await seedOrganization(world)).id }
    },
  },
  {
    when: 'the auth method is gone',
    async happen({ storage }, { grant, workload }) {
      const { organization, identity } = grant
      await storage.authMethods.remove([organization, identity, workload.authMethod.method], [])
      return grant
    },
  },
  {
    when: 'the auth method was attached anew',
    async happen({ storage, records }, { grant, workload }) {
      const { organization, identity } = grant
      await storage.authMethods.remove([organization, identity, workload.authMethod.method], [])
      await storage.authMethods.insert(records.authMethod({ organization, identity }), [])
      return grant
    },
  },
  {
    when: 'the secret is gone',
    async happen({ storage }, { grant, secret }) {
      await storage.clientSecrets.remove({ organization: grant.organization, id: secret }, [])
      return grant
    },
  },
  {
    when: 'the secret is revoked',
    reason: 'secret_revoked',
    async happen({ storage }, { grant, secret }) {
      const revocation = { at: at(0), reason: 'leaked', by: { kind: 'user', id: 'u_1' } } as const
      const key = { organization: grant.organization, id: secret }
      await storage.clientSecrets.revoke(key, revocation, [])
      return grant
    },
  },
  {
    when: 'the secret expired at the very instant `now`',
    reason: 'secret_expired',
    happen: (world, ready) => useAnother(world, ready, { expiresAt: at(1) }),
  },
  {
    when: 'the secret is used up',
    reason: 'secret_exhausted',
    happen: (world, ready) => useAnother(world, ready, { maxUses: 2, uses: 2 }),
  },
  {
    when: 'an unlimited secret expired',
    reason: 'secret_expired',
    happen: (world, ready) => useAnother(world, ready, { expiresAt: at(0) }),
  },
]

async function reviseIdentity(
  { storage }: World,
  { grant, workload }: ReadyGrant,
  change: Partial<Identity>,
): Promise<LoginGrant> {
  const revised = { ...workload.identity, ...change, revision: 2 }
  assert.equal(await storage.identities.replace(revised, []), true)
  return grant
}

/** Uses one more secret, behind the charges that would have gone through. */
async function useAnother(
  world: World,
  { grant, workload }: ReadyGrant,
  given: Parameters<typeof seedSecret>[2],
): Promise<LoginGrant> {
  const { secret } = await seedSecret(world, workload, given)
  return { ...grant, charges: [...grant.charges, { kind: 'use', credential: secret.id }] }
}
