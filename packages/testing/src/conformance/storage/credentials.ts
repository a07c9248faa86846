import assert from 'node:assert/strict'
import type { Revocation } from '@countersign/core/plugin'
import type { CredentialCase } from './credential-kinds.ts'
import { ownerOf, seedCredential } from './credential-kinds.ts'
import { at } from './records.ts'
import { loginQueryOf, markOf, seedOrganization, seedWorkload, standingQueryOf } from './seed.ts'
import type { World } from './world.ts'

/** What the stores of credentials do. */
export const credentialCases: readonly CredentialCase[] = [
  {
    words: '.insert MUST keep the credential, with its events',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const given = { expiresAt: at(60), maxUses: 3, trustedSources: ['192.0.2.0/24'] }
      const credential = kind.make(world.records, { ...given, ...ownerOf(workload) })
      const event = world.records.event()
      assert.equal(await store.insert(credential, fresh('d'), [event]), true)
      assert.deepEqual(await store.find(workload.organization, credential.id), credential)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  },
  {
    words: '.insert MUST answer false and change nothing where the digest or the id is taken',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { credential, digest } = await seedCredential(world, kind, workload)
      const sameDigest = { ...credential, id: kind.newId(world.records) }
      const event = world.records.event()
      assert.equal(await store.insert(sameDigest, digest, [event]), false)
      assert.equal(await store.insert({ ...credential, uses: 9 }, fresh('x'), [event]), false)
      assert.equal(await store.find(workload.organization, sameDigest.id), undefined)
      assert.deepEqual(await store.find(workload.organization, credential.id), credential)
      const query = loginQueryOf(workload, { digests: [fresh('x')] })
      assert.equal((await world.storage.logins.find(query, at(0)))?.stored, undefined)
      assert.deepEqual(await world.eventIds(), [])
    },
  },
  {
    words: '.insert MUST answer false where the auth method is gone, or not one of the identity',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { organization, identity, authMethod } = workload
      const other = await seedWorkload(world, { organization })
      const insert = (id: typeof authMethod.id) => {
        const owner = { ...ownerOf(workload), authMethod: id }
        return store.insert(kind.make(world.records, owner), fresh('d'), [world.records.event()])
      }
      assert.equal(await insert(world.records.id('amt')), false)
      assert.equal(await insert(other.authMethod.id), false)
      const key = [organization, identity.id, authMethod.method] as const
      await world.storage.authMethods.remove(key, [])
      assert.equal(await insert(authMethod.id), false)
      assert.deepEqual(await world.eventIds(), [])
    },
  },
  {
    words: ' MUST answer an id of another organization like an unknown one',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { credential } = await seedCredential(world, kind, workload)
      const { id: organization } = await seedOrganization(world)
      const key = { organization, id: credential.id }
      assert.equal(await store.find(organization, credential.id), undefined)
      assert.equal(await store.revoke(key, revocation, [world.records.event()]), undefined)
      assert.equal(await store.remove(key, [world.records.event()]), false)
      assert.deepEqual(await store.find(workload.organization, credential.id), credential)
      const filter = { organization, identity: workload.identity.id }
      const page = await store.page({ filter, order: 'id', limit: 10 })
      assert.deepEqual([page.rows, await world.eventIds()], [[], []])
    },
  },
  {
    words: '.page MUST show the credentials of one identity once',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      await seedCredential(world, kind, await seedWorkload(world, { organization }))
      const seeded = [
        await seedCredential(world, kind, workload),
        await seedCredential(world, kind, workload),
      ]
      const filter = { organization, identity: identity.id }
      const first = await store.page({ filter, order: 'id', limit: 1 })
      const next = first.next === undefined ? {} : { after: first.next }
      const second = await store.page({ filter, order: 'id', limit: 1, ...next })
      assert.deepEqual(
        [...first.rows, ...second.rows],
        seeded.map(({ credential }) => credential),
      )
      assert.equal(second.next, undefined)
    },
  },
  {
    words: '.revoke MUST write the mark that ends the tokens',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { credential } = await seedCredential(world, kind, workload)
      const event = world.records.event()
      const key = { organization, id: credential.id, mark: markOf(workload, credential.id) }
      const revoked = await store.revoke(key, revocation, [event])
      assert.deepEqual(revoked, { ...credential, revoked: revocation })
      assert.deepEqual(await store.find(organization, credential.id), revoked)
      assert.equal(await isMarked(world, workload, credential.id), true)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  },
  {
    words: '.revoke MUST leave the tokens alone without a mark',
    async run(world, kind) {
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { credential } = await seedCredential(world, kind, workload)
      const key = { organization, id: credential.id }
      await kind.storeOf(world.storage).revoke(key, revocation, [])
      assert.equal(await isMarked(world, workload, credential.id), false)
    },
  },
  {
    words: '.revoke MUST answer undefined for a credential that is not there',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const { organization } = await seedWorkload(world)
      const key = { organization, id: kind.newId(world.records) }
      assert.equal(await store.revoke(key, revocation, [world.records.event()]), undefined)
      assert.deepEqual(await world.eventIds(), [])
    },
  },
  {
    words: '.revoke MUST change nothing where the credential is revoked already',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { credential } = await seedCredential(world, kind, workload)
      const key = { organization, id: credential.id }
      const [first, second] = [world.records.event(), world.records.event()]
      const revoked = await store.revoke(key, revocation, [first])
      const again = { ...revocation, at: at(60), reason: 'second' }
      assert.deepEqual(await store.revoke(key, again, [second]), revoked)
      assert.deepEqual(await store.find(organization, credential.id), revoked)
      assert.deepEqual(await world.eventIds(), [first.id])
    },
  },
  {
    words: '.remove MUST write the mark that ends the tokens, and answer false where there is none',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { credential, digest } = await seedCredential(world, kind, workload)
      const event = world.records.event()
      const key = { organization, id: credential.id, mark: markOf(workload, credential.id) }
      assert.equal(await store.remove(key, [event]), true)
      assert.equal(await store.find(organization, credential.id), undefined)
      const query = loginQueryOf(workload, { digests: [digest] })
      assert.equal((await world.storage.logins.find(query, at(0)))?.stored, undefined)
      assert.equal(await isMarked(world, workload, credential.id), true)
      assert.equal(await store.remove(key, [world.records.event()]), false)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  },
  {
    words: '.remove MUST write no mark for a credential that is not there',
    async run(world, kind) {
      const workload = await seedWorkload(world)
      const id = kind.newId(world.records)
      const key = { organization: workload.organization, id, mark: markOf(workload, id) }
      assert.equal(await kind.storeOf(world.storage).remove(key, []), false)
      assert.equal(await isMarked(world, workload, id), false)
    },
  },
]

const revocation: Revocation = {
  at: at(10),
  reason: 'leaked',
  by: { kind: 'host', label: 'conformance' },
}

function fresh(value: string) {
  return { rootKey: 'newest', value }
}

/** Tells whether a login that a credential opened is marked as ended. */
async function isMarked(
  { storage }: World,
  workload: Parameters<typeof standingQueryOf>[0],
  credential: string,
): Promise<boolean> {
  const login = { ...standingQueryOf(workload, 'sid_1'), credential }
  return (await storage.tokens.find(login, at(0))).revoked
}
