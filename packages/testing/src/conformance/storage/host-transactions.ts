import assert from 'node:assert/strict'
import type { Stores } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { createGate } from '../gate.ts'
import { bindFirst, countBindings } from './holds.ts'
import { at } from './records.ts'
import { markOf, seedOrganization, seedSecret, seedWorkload, standingQueryOf } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What is written through `within`; a storage that shares no database with a host keeps all of it. */
export const hostTransactionCases: readonly Case<StorageSubject>[] = [
  hostCase(
    'within MUST show others what it wrote only once the host has committed',
    async (world, transaction) => {
      const { storage, records } = world
      const { organization, identity } = await seedWorkload(world)
      const role = records.role({ organization })
      const disabled = { ...identity, disabled: true, revision: 2 }
      const event = records.event()
      const seen = () =>
        Promise.all([
          storage.roles.find(organization, role.id),
          storage.identities.find(organization, identity.id),
          world.eventIds(),
        ])
      const before = await transaction(async (stores) => {
        assert.equal(await stores.roles.insert(role, [event]), true)
        assert.equal(await stores.identities.replace(disabled, []), true)
        assert.deepEqual(await stores.roles.find(organization, role.id), role)
        return seen()
      })
      assert.deepEqual(before, [undefined, identity, []])
      assert.deepEqual(await seen(), [role, disabled, [event.id]])
    },
  ),
  hostCase(
    'within MUST leave no record and no event where the host rolls back',
    async (world, transaction) => {
      const { storage, records } = world
      const workload = await seedWorkload(world)
      const { organization, identity } = workload
      const { secret } = await seedSecret(world, workload)
      const role = records.role({ organization })
      const failure = new Error('the host rolls back')
      const rolledBack = transaction(async (stores) => {
        await stores.organizations.hold(organization)
        await stores.roles.insert(role, [records.event()])
        await stores.identities.remove([organization, identity.id], [records.event()])
        await stores.tokens.revoke(markOf(workload, 'sid_1'), [records.event()])
        await stores.outbox.append([records.event()])
        throw failure
      })
      await assert.rejects(rolledBack, failure)
      assert.equal(await storage.roles.find(organization, role.id), undefined)
      assert.deepEqual(await storage.identities.find(organization, identity.id), identity)
      assert.deepEqual(await storage.clientSecrets.find(organization, secret.id), secret)
      const standing = await storage.tokens.find(standingQueryOf(workload, 'sid_1'), at(0))
      assert.equal(standing.revoked, false)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  hostCase('within MUST undo nothing where a verb answers false', async (world, transaction) => {
    const { storage, records } = world
    const { id: organization } = await seedOrganization(world)
    const [first, second] = [records.role({ organization }), records.role({ organization })]
    const [event, lost] = [records.event(), records.event()]
    const committed = transaction(async ({ roles }) => {
      assert.equal(await roles.insert(first, [event]), true)
      assert.equal(await roles.insert(first, [lost]), false)
      assert.equal(await roles.insert({ ...second, slug: first.slug }, [lost]), false)
      assert.equal(await roles.insert({ ...second, project: 'gone' }, [lost]), false)
      assert.equal(await roles.insert(second, []), true)
    })
    await assert.doesNotReject(committed)
    assert.deepEqual(await storage.roles.find(organization, first.id), first)
    assert.deepEqual(await storage.roles.find(organization, second.id), second)
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  hostCase(
    'within MUST undo nothing where another transaction fails meanwhile',
    async (world, transaction) => {
      const { storage, records } = world
      const { id: organization } = await seedOrganization(world)
      const role = records.role({ organization })
      const failure = new Error('the other one fails')
      await transaction(async ({ roles }) => {
        await roles.insert(role, [])
        const other = storage.transaction(async ({ outbox }) => {
          await outbox.append([records.event()])
          throw failure
        })
        await assert.rejects(other, failure)
      })
      assert.deepEqual(await storage.roles.find(organization, role.id), role)
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  hostCase(
    'within MUST hold an organization as a transaction of its own does',
    async (world, transaction) => {
      const { storage } = world
      const { id } = await seedOrganization(world)
      const gate = createGate(2)
      const bind = (stores: Stores) => bindFirst(stores, world, id, gate)
      const answers = await Promise.all([transaction(bind), storage.transaction(bind)])
      assert.deepEqual(answers.sort(), [false, true])
      assert.equal(await countBindings(storage, id), 1)
    },
  ),
]

/** Runs a transaction of the host, with the stores as it sees them. */
type HostTransaction = <T>(run: (stores: Stores) => Promise<T>) => Promise<T>

/** Creates a case about `within`, which holds of a storage that has none. */
function hostCase(
  name: string,
  run: (world: World, transaction: HostTransaction) => Promise<void>,
): Case<StorageSubject> {
  return storageCase(name, async (world, subject) => {
    const { storage } = world
    if (storage.within === undefined) return
    const { hostTransaction } = subject
    assert.ok(hostTransaction, 'a storage with `within` needs `hostTransaction`')
    await run(world, (inside) =>
      hostTransaction(storage, (transaction) => {
        const stores = storage.within?.(transaction)
        assert.ok(stores)
        return inside(stores)
      }),
    )
  })
}
