import assert from 'node:assert/strict'
import type { Revocation } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import {
  loginQueryOf,
  markOf,
  seedOrganization,
  seedSecret,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What the store of client secrets does. */
export const clientSecretCases: readonly Case<StorageSubject>[] = [
  storageCase('clientSecrets.insert MUST keep the secret, with its events', async (world) => {
    const { organization, identity, authMethod } = await seedWorkload(world)
    const owner = { organization, identity: identity.id, authMethod: authMethod.id }
    const secret = world.records.secret({ ...owner, expiresAt: at(60), maxUses: 3 })
    const event = world.records.event()
    const digest = { rootKey: 'newest', value: 'd' }
    assert.equal(await world.storage.clientSecrets.insert(secret, digest, [event]), true)
    assert.deepEqual(await world.storage.clientSecrets.find(organization, secret.id), secret)
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  storageCase(
    'clientSecrets.insert MUST answer false and change nothing where the digest or the id is taken',
    async (world) => {
      const { clientSecrets } = world.storage
      const workload = await seedWorkload(world)
      const { secret, digest } = await seedSecret(world, workload)
      const sameDigest = { ...secret, id: world.records.id('csc') }
      const fresh = { rootKey: 'newest', value: 'another' }
      const event = world.records.event()
      assert.equal(await clientSecrets.insert(sameDigest, digest, [event]), false)
      assert.equal(await clientSecrets.insert({ ...secret, uses: 9 }, fresh, [event]), false)
      assert.equal(await clientSecrets.find(workload.organization, sameDigest.id), undefined)
      assert.deepEqual(await clientSecrets.find(workload.organization, secret.id), secret)
      const query = loginQueryOf(workload, { digests: [fresh] })
      assert.equal((await world.storage.logins.find(query, at(0)))?.stored, undefined)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase(
    'clientSecrets.insert MUST answer false where the auth method is gone, or not one of the identity',
    async (world) => {
      const { storage, records } = world
      const workload = await seedWorkload(world)
      const { organization, identity, authMethod } = workload
      const other = await seedWorkload(world, { organization })
      const owner = { organization, identity: identity.id }
      const digest = { rootKey: 'newest', value: 'd' }
      for (const id of [records.id('amt'), other.authMethod.id]) {
        const secret = records.secret({ ...owner, authMethod: id })
        assert.equal(await storage.clientSecrets.insert(secret, digest, [records.event()]), false)
      }
      await storage.authMethods.remove([organization, identity.id, authMethod.method], [])
      const late = records.secret({ ...owner, authMethod: authMethod.id })
      assert.equal(await storage.clientSecrets.insert(late, digest, []), false)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase(
    'clientSecrets MUST answer an id of another organization like an unknown one',
    async (world) => {
      const { clientSecrets } = world.storage
      const workload = await seedWorkload(world)
      const { secret } = await seedSecret(world, workload)
      const { id: organization } = await seedOrganization(world)
      const key = { organization, id: secret.id }
      assert.equal(await clientSecrets.find(organization, secret.id), undefined)
      assert.equal(await clientSecrets.revoke(key, revocation, [world.records.event()]), undefined)
      assert.equal(await clientSecrets.remove(key, [world.records.event()]), false)
      assert.deepEqual(await clientSecrets.find(workload.organization, secret.id), secret)
      const filter = { organization, identity: workload.identity.id }
      const page = await clientSecrets.page({ filter, order: 'id', limit: 10 })
      assert.deepEqual([page.rows, await world.eventIds()], [[], []])
    },
  ),
  storageCase('clientSecrets.page MUST show the secrets of one identity once', async (world) => {
    const { clientSecrets } = world.storage
    const workload = await seedWorkload(world)
    const { organization } = workload
    await seedSecret(world, await seedWorkload(world, { organization }))
    const stored = [await seedSecret(world, workload), await seedSecret(world, workload)]
    const filter = { organization, identity: workload.identity.id }
    const first = await clientSecrets.page({ filter, order: 'id', limit: 1 })
    const next = first.next === undefined ? {} : { after: first.next }
    const second = await clientSecrets.page({ filter, order: 'id', limit: 1, ...next })
    assert.deepEqual(
      [...first.rows, ...second.rows],
      stored.map(({ secret }) => secret),
    )
    assert.equal(second.next, undefined)
  }),
  storageCase('clientSecrets.revoke MUST write the mark that ends the tokens', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { organization } = workload
    const { secret } = await seedSecret(world, workload)
    const event = world.records.event()
    const key = { organization, id: secret.id, mark: markOf(workload, secret.id) }
    const revoked = await storage.clientSecrets.revoke(key, revocation, [event])
    assert.deepEqual(revoked, { ...secret, revoked: revocation })
    assert.deepEqual(await storage.clientSecrets.find(organization, secret.id), revoked)
    const login = { ...standingQueryOf(workload, 'sid_1'), clientSecret: secret.id }
    assert.equal((await storage.tokens.find(login, at(0))).revoked, true)
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  storageCase('clientSecrets.revoke MUST leave the tokens alone without a mark', async (world) => {
    const workload = await seedWorkload(world)
    const { organization } = workload
    const { secret } = await seedSecret(world, workload)
    await world.storage.clientSecrets.revoke({ organization, id: secret.id }, revocation, [])
    const login = { ...standingQueryOf(workload, 'sid_1'), clientSecret: secret.id }
    assert.equal((await world.storage.tokens.find(login, at(0))).revoked, false)
  }),
  storageCase(
    'clientSecrets.revoke MUST answer undefined for a secret that is not there',
    async (world) => {
      const { organization } = await seedWorkload(world)
      const key = { organization, id: world.records.id('csc') }
      const answer = await world.storage.clientSecrets.revoke(key, revocation, [
        world.records.event(),
      ])
      assert.equal(answer, undefined)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase(
    'clientSecrets.revoke MUST change nothing where the secret is revoked already',
    async (world) => {
      const { clientSecrets } = world.storage
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { secret } = await seedSecret(world, workload)
      const key = { organization, id: secret.id }
      const [first, second] = [world.records.event(), world.records.event()]
      const revoked = await clientSecrets.revoke(key, revocation, [first])
      const again = { ...revocation, at: at(60), reason: 'second' }
      assert.deepEqual(await clientSecrets.revoke(key, again, [second]), revoked)
      assert.deepEqual(await clientSecrets.find(organization, secret.id), revoked)
      assert.deepEqual(await world.eventIds(), [first.id])
    },
  ),
  storageCase(
    'clientSecrets.remove MUST write the mark that ends the tokens, and answer false where there is none',
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const { organization } = workload
      const { secret, digest } = await seedSecret(world, workload)
      const event = world.records.event()
      const key = { organization, id: secret.id, mark: markOf(workload, secret.id) }
      assert.equal(await storage.clientSecrets.remove(key, [event]), true)
      assert.equal(await storage.clientSecrets.find(organization, secret.id), undefined)
      const query = loginQueryOf(workload, { digests: [digest] })
      assert.equal((await storage.logins.find(query, at(0)))?.stored, undefined)
      const login = { ...standingQueryOf(workload, 'sid_1'), clientSecret: secret.id }
      assert.equal((await storage.tokens.find(login, at(0))).revoked, true)
      assert.equal(await storage.clientSecrets.remove(key, [world.records.event()]), false)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase(
    'clientSecrets.remove MUST write no mark for a secret that is not there',
    async (world) => {
      const { storage, records } = world
      const workload = await seedWorkload(world)
      const id = records.id('csc')
      const key = { organization: workload.organization, id, mark: markOf(workload, id) }
      assert.equal(await storage.clientSecrets.remove(key, []), false)
      const login = { ...standingQueryOf(workload, 'sid_1'), clientSecret: id }
      assert.equal((await storage.tokens.find(login, at(0))).revoked, false)
    },
  ),
]

/** What else secrets are asked for. */
export const secretRecordCases: readonly Case<StorageSubject>[] = [
  storageCase('clientSecrets MUST NOT ever answer a digest', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { organization, identity } = workload
    const { secret, digest } = await seedSecret(world, workload)
    const key = { organization, id: secret.id }
    const answers = [
      await storage.clientSecrets.find(organization, secret.id),
      await storage.clientSecrets.page({
        filter: { organization, identity: identity.id },
        order: 'id',
        limit: 10,
      }),
      await storage.logins.find(loginQueryOf(workload, { digests: [digest] }), at(0)),
      await storage.clientSecrets.revoke(key, revocation, []),
    ]
    assert.equal(JSON.stringify(answers).includes(digest.value), false)
  }),
  storageCase('clientSecrets.find MUST NOT let the reader change what is stored', async (world) => {
    const { clientSecrets } = world.storage
    const { secret } = await seedSecret(world, await seedWorkload(world), { expiresAt: at(60) })
    tamper(await clientSecrets.find(secret.organization, secret.id))
    assert.deepEqual(await clientSecrets.find(secret.organization, secret.id), secret)
  }),
  storageCase('clientSecrets.record MUST add uses where nothing limits them', async (world) => {
    const { clientSecrets, identities } = world.storage
    const { secret } = await seedSecret(world, await seedWorkload(world))
    const { organization, identity, id } = secret
    const statistic = { organization, identity, clientSecret: id }
    await clientSecrets.record([{ ...statistic, uses: 2, lastUsedAt: at(60) }])
    await clientSecrets.record([{ ...statistic, uses: 3, lastUsedAt: at(30) }])
    const counted = { ...secret, uses: 5, lastUsedAt: at(60) }
    assert.deepEqual(await clientSecrets.find(organization, id), counted)
    assert.deepEqual((await identities.find(organization, identity))?.lastLoginAt, at(60))
    assert.equal((await identities.find(organization, identity))?.revision, 1)
  }),
  storageCase('clientSecrets.record MUST leave an exact count alone', async (world) => {
    const { clientSecrets } = world.storage
    const { secret } = await seedSecret(world, await seedWorkload(world), { maxUses: 3, uses: 1 })
    const { organization, identity, id } = secret
    const statistic = { organization, identity, clientSecret: id, uses: 7, lastUsedAt: at(60) }
    await clientSecrets.record([statistic])
    assert.equal((await clientSecrets.find(organization, id))?.uses, 1)
  }),
  storageCase('clientSecrets.record MUST pass over what is not there', async (world) => {
    const { organization, identity } = await seedWorkload(world)
    const gone = { organization, identity: world.records.id('idn'), uses: 1, lastUsedAt: at(60) }
    const here = { organization, identity: identity.id, uses: 1, lastUsedAt: at(60) }
    await world.storage.clientSecrets.record([gone, here])
    const stored = await world.storage.identities.find(organization, identity.id)
    assert.deepEqual(stored?.lastLoginAt, at(60))
  }),
]

const revocation: Revocation = {
  at: at(10),
  reason: 'leaked',
  by: { kind: 'host', label: 'conformance' },
}
