import assert from 'node:assert/strict'
import type { Digest, LoginGrant } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import type { StoredSecret, Workload } from './seed.ts'
import { grantOf, loginQueryOf, seedSecret, seedWorkload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

const NEW: Digest = { rootKey: 'newest', value: 'a digest under the newest key' }

/** How a stored credential changes the digest that finds it. */
export const redigestCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.grant MUST replace the digest where a new one is given, and count and use the secret as before',
    async (world) => {
      const { storage } = world
      const { workload, secret, digest } = await seedOlder(world, { maxUses: 2 })
      const grant = redigesting(workload, secret.id)
      assert.equal(await storage.logins.grant(grant, at(1), []), undefined)
      assert.equal(await foundBy(world, workload, digest), undefined)
      assert.deepEqual(await foundBy(world, workload, NEW), [secret.id, 'newest'])
      assert.equal(
        await storage.logins.grant(redigesting(workload, secret.id), at(2), []),
        undefined,
      )
      assert.equal(await storage.logins.grant(grant, at(3), []), 'secret_exhausted')
      const stored = await storage.clientSecrets.find(workload.organization, secret.id)
      assert.deepEqual(stored, { ...secret, uses: 2, firstUsedAt: at(1), lastUsedAt: at(2) })
      assert.deepEqual(await storage.rootKeys.uses(at(0)), [])
    },
  ),
  storageCase(
    'logins.grant MUST replace the digest of a secret without `maxUses`',
    async (world) => {
      const { storage } = world
      const { workload, secret, digest } = await seedOlder(world)
      assert.equal(
        await storage.logins.grant(redigesting(workload, secret.id), at(1), []),
        undefined,
      )
      assert.equal(await foundBy(world, workload, digest), undefined)
      assert.deepEqual(await foundBy(world, workload, NEW), [secret.id, 'newest'])
      const uses = [{ rootKey: 'newest', clientSecrets: 1, staticTokens: 0 }]
      assert.deepEqual(await storage.rootKeys.uses(at(0)), uses)
    },
  ),
  storageCase('logins.grant MUST NOT replace a digest where it commits nothing', async (world) => {
    const { storage } = world
    const { workload, secret, digest } = await seedOlder(world, { maxUses: 1, uses: 1 })
    const grant = redigesting(workload, secret.id)
    assert.equal(await storage.logins.grant(grant, at(1), []), 'secret_exhausted')
    assert.deepEqual(await foundBy(world, workload, digest), [secret.id, 'older'])
    assert.equal(await foundBy(world, workload, NEW), undefined)
  }),
  storageCase(
    "logins.grant MUST NOT replace the digest of another identity's secret",
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const near = await seedOlder(world, {}, workload.organization)
      const far = await seedOlder(world)
      for (const other of [near, far]) {
        const grant = { ...redigesting(workload, other.secret.id), charges: [] }
        await storage.logins.grant(grant, at(1), [])
        assert.deepEqual(await foundBy(world, other.workload, other.digest), [
          other.secret.id,
          'older',
        ])
        assert.equal(await foundBy(world, other.workload, NEW), undefined)
      }
    },
  ),
  storageCase('logins.grant MUST NOT give a secret the digest of another one', async (world) => {
    const { storage } = world
    const { workload, secret, digest } = await seedOlder(world)
    const other = await seedSecret(world, workload)
    const grant = redigesting(workload, secret.id, other.digest)
    await storage.logins.grant(grant, at(1), []).catch(() => undefined)
    assert.deepEqual(await foundBy(world, workload, other.digest), [other.secret.id, 'newest'])
    assert.deepEqual(await foundBy(world, workload, digest), [secret.id, 'older'])
  }),
]

interface Older extends StoredSecret {
  readonly workload: Workload
}

async function seedOlder(
  world: World,
  given: Parameters<typeof seedSecret>[2] = {},
  organization?: string,
): Promise<Older> {
  const workload = await seedWorkload(world, organization === undefined ? {} : { organization })
  return { workload, ...(await seedSecret(world, workload, given, 'older')) }
}

function redigesting(
  workload: Workload,
  credential: StoredSecret['secret']['id'],
  digest: Digest = NEW,
): LoginGrant {
  return grantOf(workload, {
    charges: [{ kind: 'use', credential }],
    redigest: { credential, digest },
  })
}

/** What a login with this digest finds, and under which root key. */
async function foundBy({ storage }: World, workload: Workload, digest: Digest): Promise<unknown> {
  const state = await storage.logins.find(loginQueryOf(workload, { digests: [digest] }), at(0))
  return state?.stored && [state.stored.id, state.storedUnder]
}
