import { expect, test } from 'vitest'
import type { Storage, Stores } from '../../src/ports/storage.ts'
import { anEngine } from '../support/engine.ts'

/** A storage that takes its own transactions for the host's: as a database adapter would, on its client. */
function withHostTransactions(storage: Storage): Storage {
  return { ...storage, within: (transaction) => transaction as Stores }
}

test('within() throws a TypeError where the storage shares no database with the host', () => {
  expect(() => anEngine().countersign.within({})).toThrow(TypeError)
})

test('within() writes what the transaction of the host commits, and nothing where it fails', async () => {
  const { countersign, storage, host } = anEngine({ around: withHostTransactions })
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const create = (transaction: Stores) =>
    countersign
      .within(transaction)
      .asHost('signup')
      .identities.create({ organization: 'acme', name: 'worker' })
  await expect(
    storage.transaction(async (stores) => {
      await create(stores)
      throw new Error('the host changed its mind')
    }),
  ).rejects.toThrow('changed its mind')
  expect((await host.identities.list({ organization: 'acme' })).items).toEqual([])
  await storage.transaction(create)
  expect((await host.identities.list({ organization: 'acme' })).items).toHaveLength(1)
})

test('within() bounds a principal as the engine does', async () => {
  const { countersign, storage, host } = anEngine({ around: withHostTransactions })
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const principal = countersign.principalFor({
    user: 'u_1',
    organization: 'acme',
    bindings: [{ rules: [{ allow: ['identity:create'] }] }],
  })
  const create = (role: 'admin' | 'no-access') =>
    storage.transaction((stores) =>
      countersign
        .within(stores)
        .as(principal)
        .identities.create({ organization: 'acme', name: role, role }),
    )
  await expect(create('admin')).rejects.toMatchObject({ reason: 'privilege_boundary' })
  await expect(create('no-access')).resolves.toMatchObject({ identity: { name: 'no-access' } })
})

test('within() reaches no key of the deployment', () => {
  const { countersign, storage } = anEngine({ around: withHostTransactions })
  const management = countersign.within(storage).asHost('signup')
  expect(Object.keys(management)).not.toContain('signingKeys')
  expect(Object.keys(management)).not.toContain('rootKeys')
})
