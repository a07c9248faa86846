import assert from 'node:assert/strict'
import type { CredentialCase } from './credential-kinds.ts'
import { secretKind, seedCredential, staticTokenKind } from './credential-kinds.ts'
import { at } from './records.ts'
import { loginQueryOf, seedWorkload } from './seed.ts'
import { tamper } from './tamper.ts'

/** What else the stores of credentials are asked for. */
export const credentialRecordCases: readonly CredentialCase[] = [
  {
    words: ' MUST NOT ever answer a digest',
    async run(world, kind) {
      const { storage } = world
      const store = kind.storeOf(storage)
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      const { credential, digest } = await seedCredential(world, kind, workload)
      const filter = { organization, identity: identity.id }
      const revocation = { at: at(1), reason: 'leaked', by: { kind: 'engine' } } as const
      const answers = [
        await store.find(organization, credential.id),
        await store.page({ filter, order: 'id', limit: 10 }),
        await storage.logins.find(loginQueryOf(workload, { digests: [digest] }), at(0)),
        await storage.staticTokens.findByDigest([digest], at(0)),
        await store.revoke({ organization, id: credential.id }, revocation, []),
      ]
      assert.equal(JSON.stringify(answers).includes(digest.value), false)
    },
  },
  {
    words: ' MUST answer a credential of the other kind like an unknown one',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      const otherKind = kind.name === 'clientSecrets' ? staticTokenKind : secretKind
      const { credential: other } = await seedCredential(world, otherKind, workload)
      const key = { organization, id: other.id }
      const revocation = { at: at(1), reason: 'leaked', by: { kind: 'engine' } } as const
      const filter = { organization, identity: identity.id }
      assert.equal(await store.find(organization, other.id), undefined)
      assert.deepEqual((await store.page({ filter, order: 'id', limit: 10 })).rows, [])
      assert.equal(await store.revoke(key, revocation, [world.records.event()]), undefined)
      assert.equal(await store.remove(key, [world.records.event()]), false)
      const stored = await otherKind.storeOf(world.storage).find(organization, other.id)
      assert.deepEqual([stored, await world.eventIds()], [other, []])
    },
  },
  {
    words: '.find MUST NOT let the reader change what is stored',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const given = { expiresAt: at(60), trustedSources: ['192.0.2.0/24'] }
      const { credential } = await seedCredential(world, kind, await seedWorkload(world), given)
      tamper(await store.find(credential.organization, credential.id))
      assert.deepEqual(await store.find(credential.organization, credential.id), credential)
    },
  },
  {
    words: '.record MUST add uses where nothing limits them, and keep the first and the last use',
    async run(world, kind) {
      const { identities } = world.storage
      const store = kind.storeOf(world.storage)
      const { credential } = await seedCredential(world, kind, await seedWorkload(world))
      const { organization, identity, id } = credential
      const note = (uses: number, first: number, last: number) =>
        store.record([
          {
            organization,
            identity,
            credential: id,
            uses,
            firstUsedAt: at(first),
            lastUsedAt: at(last),
          },
        ])
      await note(2, 50, 60)
      await note(3, 10, 30)
      const counted = { ...credential, uses: 5, firstUsedAt: at(10), lastUsedAt: at(60) }
      assert.deepEqual(await store.find(organization, id), counted)
      assert.deepEqual((await identities.find(organization, identity))?.lastLoginAt, at(60))
      assert.equal((await identities.find(organization, identity))?.revision, 1)
    },
  },
  {
    words: '.record MUST leave an exact count alone',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const given = { maxUses: 3, uses: 1 }
      const { credential } = await seedCredential(world, kind, await seedWorkload(world), given)
      const { organization, identity, id } = credential
      const used = { uses: 7, firstUsedAt: at(60), lastUsedAt: at(60) }
      await store.record([{ organization, identity, credential: id, ...used }])
      assert.equal((await store.find(organization, id))?.uses, 1)
    },
  },
  {
    words: '.record MUST pass over what is not there',
    async run(world, kind) {
      const store = kind.storeOf(world.storage)
      const { organization, identity } = await seedWorkload(world)
      const used = { organization, uses: 1, firstUsedAt: at(60), lastUsedAt: at(60) }
      const gone = { ...used, identity: world.records.id('idn') }
      const here = { ...used, identity: identity.id, credential: kind.newId(world.records) }
      await store.record([gone, here])
      const stored = await world.storage.identities.find(organization, identity.id)
      assert.deepEqual(stored?.lastLoginAt, at(60))
    },
  },
]
