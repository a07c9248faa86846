import assert from 'node:assert/strict'
import type { RootKeyRetirement, RootKeyUse } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import { loginQueryOf, seedSecret, seedStaticToken, seedWorkload, standingQueryOf } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

const revocation = { at: at(0), reason: 'root_key_retired', by: { kind: 'engine' } } as const
const retirement: RootKeyRetirement = { rootKey: 'older', revocation, until: at(3600) }

/** What the store that knows root keys answers and ends. */
export const rootKeyCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'rootKeys.uses MUST name every root key that a credential which could still be used depends on',
    async (world) => {
      const workload = await seedWorkload(world)
      assert.deepEqual(await usesOf(world), [])
      await seedSecret(world, workload, {}, 'older')
      await seedSecret(world, await seedWorkload(world), { expiresAt: at(60) }, 'older')
      await seedSecret(world, workload, { maxUses: 2, uses: 1 }, 'newest')
      await seedStaticToken(world, workload, {}, 'oldest')
      assert.deepEqual(await usesOf(world), [
        use('newest', 1),
        use('older', 2),
        use('oldest', 0, 1),
      ])
    },
  ),
  storageCase('rootKeys.uses MUST NOT count what opens nothing any more', async (world) => {
    const workload = await seedWorkload(world)
    const { organization } = workload
    const { secret } = await seedSecret(world, workload, {}, 'older')
    await seedSecret(world, workload, { expiresAt: at(0) }, 'older')
    await seedStaticToken(world, workload, { expiresAt: at(0) }, 'older')
    await seedSecret(world, workload, { maxUses: 1, uses: 1 }, 'older')
    await world.storage.clientSecrets.revoke({ organization, id: secret.id }, revocation, [])
    assert.deepEqual(await usesOf(world), [])
  }),
  storageCase(
    'rootKeys.retire MUST revoke all credentials that depend on the root key, with the events, and answer how many',
    async (world) => {
      const { storage } = world
      const { organization, ...workload } = await seedWorkload(world)
      const owner = { organization, ...workload }
      const doomed = await seedSecret(world, owner, {}, 'older')
      await seedSecret(world, await seedWorkload(world), {}, 'older')
      const { token } = await seedStaticToken(world, owner, {}, 'older')
      const kept = await seedSecret(world, owner, {}, 'newest')
      const event = world.records.event('root_key.retired')
      assert.equal(await storage.rootKeys.retire(retirement, [event]), 3)
      const secret = await storage.clientSecrets.find(organization, doomed.secret.id)
      const ended = await storage.staticTokens.find(organization, token.id)
      assert.deepEqual([secret?.revoked, ended?.revoked], [revocation, revocation])
      const other = await storage.clientSecrets.find(organization, kept.secret.id)
      assert.deepEqual(other, kept.secret)
      assert.deepEqual(await usesOf(world), [use('newest', 1)])
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase(
    'rootKeys.retire MUST revoke the tokens that the credentials opened',
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const { secret } = await seedSecret(world, workload, {}, 'older')
      const kept = await seedSecret(world, workload, {}, 'newest')
      await storage.rootKeys.retire(retirement, [])
      const isRevoked = async (credential: string, seconds: number) => {
        const login = { ...standingQueryOf(workload, 'sid_1'), credential }
        return (await storage.tokens.find(login, at(seconds))).revoked
      }
      assert.deepEqual(
        [await isRevoked(secret.id, 3599), await isRevoked(secret.id, 3600)],
        [true, false],
      )
      assert.equal(await isRevoked(kept.secret.id, 0), false)
    },
  ),
  storageCase(
    'rootKeys.retire MUST leave alone how a credential ended before, and write no event for nothing',
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { secret } = await seedSecret(world, workload, {}, 'older')
      const first = { ...revocation, reason: 'leaked' }
      await storage.clientSecrets.revoke({ organization, id: secret.id }, first, [])
      assert.equal(await storage.rootKeys.retire(retirement, [world.records.event()]), 0)
      const stored = await storage.clientSecrets.find(organization, secret.id)
      assert.deepEqual(stored?.revoked, first)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase(
    'logins.find MUST answer the root key of the digest that named the secret',
    async (world) => {
      const workload = await seedWorkload(world)
      const { digest } = await seedSecret(world, workload, {}, 'older')
      const newest = { rootKey: 'newest', value: 'unknown under this key' }
      const query = loginQueryOf(workload, { digests: [newest, digest] })
      assert.equal((await world.storage.logins.find(query, at(0)))?.storedUnder, 'older')
      const none = loginQueryOf(workload, { digests: [newest] })
      assert.equal((await world.storage.logins.find(none, at(0)))?.storedUnder, undefined)
    },
  ),
]

function use(rootKey: string, clientSecrets: number, staticTokens = 0): RootKeyUse {
  return { rootKey, clientSecrets, staticTokens }
}

async function usesOf({ storage }: World): Promise<readonly RootKeyUse[]> {
  const uses = await storage.rootKeys.uses(at(0))
  return [...uses].sort((one, other) => (one.rootKey < other.rootKey ? -1 : 1))
}
