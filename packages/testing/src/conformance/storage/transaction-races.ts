import assert from 'node:assert/strict'
import type { Stores } from '@countersign/core/plugin'
import { isCountersignError } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { Gate } from '../gate.ts'
import { createGate, race } from '../gate.ts'
import { seedOrganization, seedProject, seedRole } from './seed.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** Transactions that all read the same state before any of them writes. */
export const transactionRaceCases: readonly Case<StorageSubject>[] = [
  storageCase('transaction MUST lose no change where two read the same record', async (world) => {
    const { storage } = world
    const { id } = await seedOrganization(world)
    const gate = createGate(2)
    const rename = (suffix: string) =>
      storage.transaction(async ({ organizations }) => {
        const read = await organizations.find(id)
        await gate()
        if (read === undefined) return false
        const { name, revision } = read
        return organizations.replace({ ...read, name: name + suffix, revision: revision + 1 }, [])
      })
    const done = await settle([rename('1'), rename('2')])
    const stored = await storage.organizations.find(id)
    assert.ok(done >= 1)
    assert.equal(stored?.revision, 1 + done)
    assert.equal(stored.name.length, 'Acme'.length + done)
  }),
  storageCase(
    'transaction MUST NOT let two that hold an organization change what each had found the other to keep',
    async (world) => {
      const { storage } = world
      const { organization, id: first } = await seedProject(world)
      const { id: second } = await seedProject(world, { organization })
      const gate = createGate(2)
      // Each may go only while another one stays.
      const leave = (id: string) =>
        storage.transaction((stores) => removeUnlastProject(stores, gate, [organization, id]))
      await settle([leave(first), leave(second)])
      const filter = { organization }
      const left = await storage.projects.page({ filter, order: 'id', limit: 10 })
      assert.equal(left.rows.length, 1)
    },
  ),
  storageCase('transaction MUST NOT let one bind a role that the other removes', async (world) => {
    const { storage, records } = world
    const { organization, id } = await seedRole(world)
    const subject = { kind: 'user', id: 'u_1' } as const
    const binding = records.binding({ organization, subject, role: id })
    const gate = createGate(2)
    const afterBoth = (change: (stores: Stores) => Promise<boolean>) =>
      storage.transaction(async (stores) => {
        const read = await stores.roles.find(organization, id)
        await gate()
        return read !== undefined && change(stores)
      })
    const done = await settle([
      afterBoth(({ roles }) => roles.remove([organization, id], [])),
      afterBoth(({ roleBindings }) => roleBindings.insert(binding, [])),
    ])
    assert.ok(done >= 1)
    const role = await storage.roles.find(organization, id)
    const bound = await storage.roleBindings.find(organization, binding.id)
    assert.ok(role !== undefined || bound === undefined, 'a binding outlives its role')
  }),
  storageCase(
    'transaction MUST keep a count exact, however many raise it at once',
    async (world) => {
      const { storage, racers } = world
      const { id } = await seedOrganization(world)
      const answers = await race(racers, () => {
        const raised = storage.transaction(async ({ organizations }) => {
          const read = await organizations.find(id)
          if (read === undefined) return false
          return organizations.replace({ ...read, revision: read.revision + 1 }, [])
        })
        return settle([raised])
      })
      const done = answers.reduce((sum, count) => sum + count, 0)
      assert.ok(done >= 1)
      assert.equal((await storage.organizations.find(id))?.revision, 1 + done)
    },
  ),
]

async function removeUnlastProject(
  { organizations, projects }: Stores,
  gate: Gate,
  key: readonly [organization: string, id: string],
): Promise<boolean> {
  const filter = { organization: key[0] }
  await projects.page({ filter, order: 'id', limit: 10 })
  await gate()
  await organizations.hold(key[0])
  const { rows } = await projects.page({ filter, order: 'id', limit: 10 })
  return rows.length > 1 && projects.remove(key, [])
}

/** How many did what they wanted; giving up with `conflict` is allowed, any other failure is not. */
async function settle(attempts: readonly Promise<boolean>[]): Promise<number> {
  const outcomes = await Promise.allSettled(attempts)
  let done = 0
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled' && outcome.value) done += 1
    if (outcome.status === 'rejected') {
      const { reason } = outcome
      if (!isCountersignError(reason) || reason.code !== 'conflict') throw reason
    }
  }
  return done
}
