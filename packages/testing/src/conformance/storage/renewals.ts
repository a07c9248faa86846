import assert from 'node:assert/strict'
import type { Identity, Renewal } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import { markOf, seedCounted, seedWorkload, standingQueryOf } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** Something that happens to a login before it is renewed. */
interface Hindrance {
  readonly when: string
  readonly reason: string
  happen(world: World, workload: Workload): Promise<unknown>
  renewal?(workload: Workload): Renewal
}

const hindrances: readonly Hindrance[] = [
  {
    when: 'the identity is gone',
    reason: 'identity_gone',
    happen: ({ storage }, { organization, identity }) =>
      storage.identities.remove([organization, identity.id], []),
  },
  {
    when: 'the identity is disabled',
    reason: 'identity_disabled',
    happen: (world, workload) => revise(world, workload, { disabled: true }),
  },
  {
    when: 'the identity is of a later generation',
    reason: 'token_revoked',
    happen: (world, workload) => revise(world, workload, { generation: 2 }),
  },
  {
    when: 'the auth method is gone',
    reason: 'method_gone',
    happen: ({ storage }, { organization, identity, authMethod }) =>
      storage.authMethods.remove([organization, identity.id, authMethod.method], []),
  },
  {
    when: 'the login was revoked',
    reason: 'token_revoked',
    happen: ({ storage }, workload) => storage.tokens.revoke(markOf(workload, 'sid_1'), []),
  },
  {
    when: 'the client secret behind it was revoked',
    reason: 'token_revoked',
    happen: ({ storage }, workload) => storage.tokens.revoke(markOf(workload, 'csc_1'), []),
    renewal: (workload) => ({ ...renewalOf(workload, 'sid_1'), credential: 'csc_1' }),
  },
  {
    when: 'its count is missing',
    reason: 'token_exhausted',
    happen: async () => undefined,
    renewal: (workload) => renewalOf(workload, 'sid_1', 10),
  },
]

/** What a renewal commits, and when it commits nothing. */
export const renewalCases: readonly Case<StorageSubject>[] = [
  storageCase('tokens.renew MUST commit its events for a login that stands', async (world) => {
    const workload = await seedWorkload(world)
    const event = world.records.event('token.renewed')
    const renewal = renewalOf(workload, 'sid_1')
    assert.equal(await world.storage.tokens.renew(renewal, at(0), [event]), undefined)
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  storageCase(
    'tokens.renew MUST share the count of the login, and keep it longer',
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const session = await seedCounted(world, workload)
      const login = standingQueryOf(workload, session)
      await storage.tokens.spend(login, 2, [])
      const renewal = renewalOf(workload, session, 2)
      assert.equal(await storage.tokens.renew(renewal, at(0), []), undefined)
      await storage.sweep(at(3600), 100)
      assert.equal((await storage.tokens.find(login, at(3600))).uses, 1)
      assert.equal(await storage.tokens.spend(login, 2, []), true)
      assert.equal(await storage.tokens.renew(renewal, at(0), []), 'token_exhausted')
    },
  ),
  ...hindrances.map(({ when, reason, happen, renewal }) =>
    storageCase(
      `tokens.renew MUST commit nothing and answer \`${reason}\` where ${when}`,
      async (world) => {
        const workload = await seedWorkload(world)
        await happen(world, workload)
        const asked = renewal?.(workload) ?? renewalOf(workload, 'sid_1')
        const event = world.records.event('token.renewed')
        assert.equal(await world.storage.tokens.renew(asked, at(0), [event]), reason)
        assert.deepEqual(await world.eventIds(), [])
        const { uses } = await world.storage.tokens.find(asked, at(0))
        assert.equal(uses, undefined)
      },
    ),
  ),
]

function revise({ storage }: World, { identity }: Workload, change: Partial<Identity>) {
  return storage.identities.replace({ ...identity, ...change, revision: 2 }, [])
}

function renewalOf(workload: Workload, session: string, limit?: number): Renewal {
  return {
    ...standingQueryOf(workload, session),
    generation: workload.identity.generation,
    ...(limit !== undefined && { counted: { session, until: at(7200), limit } }),
  }
}
