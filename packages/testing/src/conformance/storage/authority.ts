import assert from 'node:assert/strict'
import type { Storage } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import {
  grantOf,
  lockoutKeyOf,
  loginQueryOf,
  markOf,
  seedBinding,
  seedCounted,
  seedKnown,
  seedLock,
  seedOrganization,
  seedSecret,
  seedWorkload,
  standingQueryOf,
} from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What the authority itself does. */
export const authorityCases: readonly Case<StorageSubject>[] = [
  storageCase("now MUST answer the authority's time", async ({ storage }, { clock }) => {
    const before = clock().getTime()
    const now = (await storage.now()).getTime()
    const after = clock().getTime()
    // Both ends may round: to the millisecond, or to the microsecond.
    assert.ok(now >= before - 1 && now <= after + 1, `${before} <= ${now} <= ${after}`)
  }),
  storageCase('ready MUST resolve where nothing is missing', async ({ storage }) => {
    await storage.ready()
  }),
  storageCase('sweep MUST remove only what can no longer change any answer', async (world) => {
    const { storage } = world
    const { workload, ...rest } = await seedEphemera(world)
    const before = await answersOf(storage, workload, rest)
    assert.equal(await storage.sweep(at(0), 1000), 0)
    assert.deepEqual(await answersOf(storage, workload, rest), before)
    await storage.sweep(at(10_000_000), 1000)
    const { organization, identity, authMethod } = workload
    assert.deepEqual(await storage.identities.find(organization, identity.id), identity)
    const stored = await storage.authMethods.find(organization, identity.id, authMethod.method)
    assert.deepEqual(stored, authMethod)
    const secret = await storage.clientSecrets.find(organization, rest.secret.id)
    assert.deepEqual(secret, rest.secret)
    assert.deepEqual(await world.eventIds(), [rest.event.id])
  }),
  storageCase(
    'sweep MUST keep a credential listed for 30 days after its end, and forget it then',
    async (world) => {
      const { storage } = world
      const { secret } = await seedSecret(world, await seedWorkload(world), { expiresAt: at(60) })
      const end = 60 + 30 * 86_400
      assert.equal(await storage.sweep(at(end - 1), 1000), 0)
      const stored = await storage.clientSecrets.find(secret.organization, secret.id)
      assert.deepEqual(stored, secret)
      assert.equal(await storage.sweep(at(end), 1000), 1)
      assert.equal(await storage.clientSecrets.find(secret.organization, secret.id), undefined)
    },
  ),
  storageCase('sweep MUST keep a binding whose window has ended', async (world) => {
    const { storage } = world
    const { id: organization } = await seedOrganization(world)
    const subject = { kind: 'user', id: 'u_1' } as const
    const binding = await seedBinding(world, { organization, subject, until: at(60) })
    await storage.sweep(at(10_000_000), 1000)
    assert.deepEqual(await storage.roleBindings.heldBy(organization, [subject]), [
      { subject, bound: [{ binding }] },
    ])
  }),
  storageCase('sweep MUST forget what is past its end, and answer how many', async (world) => {
    const { storage } = world
    await seedEphemera(world)
    const swept = await storage.sweep(at(10_000_000), 1000)
    assert.ok(swept > 0)
    assert.equal(await storage.sweep(at(10_000_000), 1000), 0)
  }),
  storageCase('sweep MUST remove at most `limit` rows', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    for (let count = 0; count < 5; count += 1)
      await storage.tokens.revoke(markOf(workload, `sid_${count}`), [])
    const swept: number[] = []
    for (let count = 0; count < 4; count += 1) swept.push(await storage.sweep(at(3600), 2))
    assert.deepEqual(swept, [2, 2, 1, 0])
  }),
]

async function seedEphemera(world: World) {
  const { storage, records } = world
  const workload = await seedWorkload(world)
  const { secret } = await seedSecret(world, workload)
  const session = await seedCounted(world, workload)
  const event = records.event()
  await seedKnown(world, workload, SOURCE)
  await seedLock(world, lockoutKeyOf(workload))
  await storage.tokens.revoke(markOf(workload, 'sid_ended'), [event])
  const once = { kind: 'once', key: 'jti 1', until: at(60) } as const
  await storage.logins.grant(grantOf(workload, { charges: [once] }), at(0), [])
  return { workload, secret, session, event, replayed: grantOf(workload, { charges: [once] }) }
}

const SOURCE = '192.0.2.7'

type Ephemera = Omit<Awaited<ReturnType<typeof seedEphemera>>, 'workload'>

async function answersOf(
  { logins, tokens, lockouts }: Storage,
  workload: Workload,
  { session, replayed }: Ephemera,
): Promise<unknown> {
  const { organization } = workload
  return {
    state: await logins.find(loginQueryOf(workload, { source: SOURCE }), at(0)),
    replayed: await logins.grant(replayed, at(0), []),
    counted: await tokens.find(standingQueryOf(workload, session), at(0)),
    ended: await tokens.find(standingQueryOf(workload, 'sid_ended'), at(0)),
    locks: await lockouts.active({ organization }, at(0)),
  }
}
