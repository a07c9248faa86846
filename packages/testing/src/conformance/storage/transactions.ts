import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { createGate } from '../gate.ts'
import { at } from './records.ts'
import {
  grantOf,
  lockoutKeyOf,
  loginQueryOf,
  markOf,
  seedOrganization,
  seedSecret,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What a transaction promises. */
export const transactionCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'transaction MUST commit all that `run` wrote, and answer what it answered',
    async (world) => {
      const { storage, records } = world
      const organization = records.organization()
      const project = records.project({ organization: organization.id })
      const events = [records.event(), records.event()]
      const answer = await storage.transaction(async (stores) => {
        await stores.organizations.insert(organization, events.slice(0, 1))
        await stores.projects.insert(project, events.slice(1))
        return 'done'
      })
      assert.equal(answer, 'done')
      assert.deepEqual(await storage.organizations.find(organization.id), organization)
      assert.deepEqual(await storage.projects.find(organization.id, project.id), project)
      assert.deepEqual(
        await world.eventIds(),
        events.map(({ id }) => id),
      )
    },
  ),
  storageCase(
    'transaction MUST commit nothing where `run` throws, and throw the same',
    async (world) => {
      const { storage, records } = world
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      const { secret, digest } = await seedSecret(world, workload)
      const failure = new Error('the run fails')
      const transaction = storage.transaction(async (stores) => {
        const event = records.event()
        await stores.organizations.insert(records.organization({ id: 'new' }), [event])
        await stores.identities.replace({ ...identity, name: 'new', revision: 2 }, [event])
        await stores.clientSecrets.remove({ organization, id: secret.id }, [])
        await stores.tokens.revoke(markOf(workload, 'sid_1'), [])
        await stores.outbox.append([event])
        throw failure
      })
      await assert.rejects(transaction, failure)
      assert.equal(await storage.organizations.find('new'), undefined)
      assert.deepEqual(await storage.identities.find(organization, identity.id), identity)
      const query = loginQueryOf(workload, { digests: [digest] })
      assert.deepEqual((await storage.logins.find(query, at(0)))?.stored, secret)
      const standing = await storage.tokens.find(standingQueryOf(workload, 'sid_1'), at(0))
      assert.equal(standing.revoked, false)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase('transaction MUST let `run` see what it wrote', async (world) => {
    const { storage, records } = world
    const { id: organization } = await seedOrganization(world)
    const identity = records.identity({ organization, slug: 'deployer' })
    const authMethod = records.authMethod({ organization, identity: identity.id })
    await storage.transaction(async (stores) => {
      assert.equal(await stores.identities.insert(identity, []), true)
      assert.equal(await stores.authMethods.insert(authMethod, []), true)
      assert.deepEqual(await stores.identities.find(organization, identity.id), identity)
      const filter = { organization, slug: 'deployer' }
      const page = await stores.identities.page({ filter, order: 'name', limit: 10 })
      assert.deepEqual(page, { rows: [identity] })
      const again = records.identity({ organization, slug: 'deployer' })
      assert.equal(await stores.identities.insert(again, []), false)
      const query = { identity: identity.id, method: 'universal', source: 'any', digests: [] }
      assert.deepEqual((await stores.logins.find(query, at(0)))?.authMethod, authMethod)
      assert.equal(await stores.identities.remove([organization, identity.id], []), true)
      assert.equal(await stores.authMethods.find(organization, identity.id, 'universal'), undefined)
      assert.deepEqual(await stores.identities.page({ filter, order: 'name', limit: 10 }), {
        rows: [],
      })
    })
    assert.equal(await storage.identities.find(organization, identity.id), undefined)
  }),
  storageCase('transaction MUST let `run` decide logins and tokens as well', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const login = standingQueryOf(workload, 'sid_1')
    const policy = { threshold: 1, window: 30, duration: 300, scope: 'source' } as const
    const key = lockoutKeyOf(workload)
    await storage.transaction(async ({ logins, tokens, lockouts }) => {
      const grant = grantOf(workload, { counted: { session: 'sid_1', until: at(60) } })
      assert.equal(await logins.grant(grant, at(0), []), undefined)
      assert.equal(await tokens.spend(login, 1, []), true)
      assert.equal(await tokens.spend(login, 1, []), false)
      await logins.strike(key, policy, at(0), { refused: [], locked: [] })
      assert.equal((await lockouts.active({ organization: key.organization }, at(0))).length, 1)
    })
    assert.equal((await storage.tokens.find(login, at(0))).uses, 1)
    const { organization } = workload
    assert.equal((await storage.lockouts.active({ organization }, at(0))).length, 1)
  }),
  storageCase(
    'transaction MUST NOT show outside what it wrote before it commits',
    async (world) => {
      const { storage, records } = world
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      const written = createGate(2)
      const looked = createGate(2)
      const transaction = storage.transaction(async (stores) => {
        await stores.organizations.insert(records.organization({ id: 'new' }), [records.event()])
        await stores.identities.replace({ ...identity, disabled: true, revision: 2 }, [])
        await stores.tokens.revoke(markOf(workload, 'sid_1'), [])
        await written()
        await looked()
      })
      await written()
      const organizations = await storage.organizations.find('new')
      const outside = await storage.identities.find(organization, identity.id)
      const standing = await storage.tokens.find(standingQueryOf(workload, 'sid_1'), at(0))
      const events = await world.eventIds()
      await looked()
      await transaction
      assert.equal(organizations, undefined)
      assert.deepEqual(outside, identity)
      assert.deepEqual([standing.identity?.disabled, standing.revoked], [false, false])
      assert.deepEqual(events, [])
      assert.deepEqual((await storage.identities.find(organization, identity.id))?.disabled, true)
    },
  ),
]
