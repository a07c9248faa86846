import assert from 'node:assert/strict'
import type { Charge, LoginGrant } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import type { ReadyGrant } from './grant-obstacles.ts'
import { obstacles } from './grant-obstacles.ts'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import {
  grantOf,
  lockoutKeyOf,
  loginQueryOf,
  seedLock,
  seedSecret,
  seedWorkload,
  standingQueryOf,
  strikeOnce,
} from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

const SOURCE = '192.0.2.7'
const SESSION = 'sid_1'
const once = (until = at(600)): Charge => ({ kind: 'once', key: 'jti 1', until })

/** What a grant commits, and when it commits nothing. */
export const grantCases: readonly Case<StorageSubject>[] = [
  storageCase('logins.grant MUST commit all of the grant and its events', async (world) => {
    const { storage } = world
    const { workload, grant, secret } = await readyGrant(world)
    const event = world.records.event('login.granted')
    assert.equal(await storage.logins.grant(grant, at(1), [event]), undefined)
    const state = await storage.logins.find(loginQueryOf(workload, { source: SOURCE }), at(2))
    assert.deepEqual([state?.knownSince, state?.counters], [at(1), {}])
    assert.equal((await storage.clientSecrets.find(workload.organization, secret))?.uses, 1)
    assert.equal((await storage.tokens.find(standingQueryOf(workload, SESSION), at(2))).uses, 0)
    assert.deepEqual(await world.eventIds(), [event.id])
    const replayed = grantOf(workload, { charges: [once()] })
    assert.equal(await storage.logins.grant(replayed, at(2), []), 'evidence_replayed')
  }),
  ...obstacles.map(({ when, reason, happen }) =>
    storageCase(`logins.grant MUST commit nothing and answer why where ${when}`, async (world) => {
      const ready = await readyGrant(world)
      const grant = await happen(world, ready)
      const event = world.records.event('login.granted')
      const refusal = await world.storage.logins.grant(grant, at(1), [event])
      assert.equal(typeof refusal, 'string')
      if (reason !== undefined) assert.equal(refusal, reason)
      await assertNothingGranted(world, ready)
    }),
  ),
  storageCase(
    'logins.grant MUST count no use where the evidence was seen, and mark no evidence where a use is refused',
    async (world) => {
      const { storage } = world
      const { workload, grant, secret } = await readyGrant(world)
      const { organization } = workload
      const { secret: spent } = await seedSecret(world, workload, { maxUses: 1, uses: 1 })
      const use = (credential: typeof spent.id): Charge => ({ kind: 'use', credential })
      const attempt = (charges: readonly Charge[]) =>
        storage.logins.grant(grantOf(workload, { charges }), at(1), [])
      assert.equal(await attempt([once(), use(spent.id)]), 'secret_exhausted')
      assert.equal(await attempt([once()]), undefined)
      assert.equal(await storage.logins.grant(grant, at(1), []), 'evidence_replayed')
      assert.equal((await storage.clientSecrets.find(organization, secret))?.uses, 0)
    },
  ),
  storageCase('logins.grant MUST clear the counter it names, and no other', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    await strikeOnce(world, lockoutKeyOf(workload, 'strangers'), at(0))
    await strikeOnce(world, lockoutKeyOf(workload, `source:${SOURCE}`), at(0))
    const grant = grantOf(workload, { lockout: lockoutKeyOf(workload, `source:${SOURCE}`) })
    await storage.logins.grant(grant, at(0), [])
    const state = await storage.logins.find(loginQueryOf(workload, { source: SOURCE }), at(0))
    assert.deepEqual(Object.keys(state?.counters ?? {}), ['strangers'])
  }),
  storageCase(
    'logins.grant MUST pass a lock that has ended, and locks of others',
    async (world) => {
      const { storage } = world
      const workload = await seedWorkload(world)
      const own = lockoutKeyOf(workload, `source:${SOURCE}`)
      await seedLock(world, lockoutKeyOf(workload, 'strangers'))
      await seedLock(world, own)
      const grant = grantOf(workload, { lockout: own })
      assert.equal(await storage.logins.grant(grant, at(299), []), 'too_many_attempts')
      assert.equal(await storage.logins.grant(grant, at(300), []), undefined)
      assert.equal(await storage.logins.grant(grantOf(workload), at(0), []), undefined)
    },
  ),
  storageCase('logins.grant MUST count uses up to `maxUses` and not beyond', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const { secret } = await seedSecret(world, workload, { maxUses: 2 })
    const grant = grantOf(workload, { charges: [{ kind: 'use', credential: secret.id }] })
    const answers: unknown[] = []
    for (let count = 0; count < 4; count += 1)
      answers.push(await storage.logins.grant(grant, at(0), []))
    assert.deepEqual(answers, [undefined, undefined, 'secret_exhausted', 'secret_exhausted'])
    assert.equal((await storage.clientSecrets.find(workload.organization, secret.id))?.uses, 2)
  }),
  storageCase('logins.grant MUST never count an unlimited secret as used up', async (world) => {
    const workload = await seedWorkload(world)
    const { secret } = await seedSecret(world, workload)
    const grant = grantOf(workload, { charges: [{ kind: 'use', credential: secret.id }] })
    for (let count = 0; count < 3; count += 1)
      assert.equal(await world.storage.logins.grant(grant, at(0), []), undefined)
  }),
  storageCase("logins.grant MUST NOT use another identity's secret", async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const other = await seedWorkload(world, { organization: workload.organization })
    const { secret } = await seedSecret(world, other, { maxUses: 1 })
    const grant = grantOf(workload, { charges: [{ kind: 'use', credential: secret.id }] })
    assert.equal(typeof (await storage.logins.grant(grant, at(0), [])), 'string')
    assert.equal((await storage.clientSecrets.find(workload.organization, secret.id))?.uses, 0)
  }),
  storageCase('logins.grant MUST accept a `once` key one time until it ends', async (world) => {
    const { logins } = world.storage
    const workload = await seedWorkload(world)
    const other = await seedWorkload(world)
    const accept = (who: Workload, now: number, until: number) =>
      logins.grant(grantOf(who, { charges: [once(at(until))] }), at(now), [])
    assert.equal(await accept(workload, 0, 60), undefined)
    assert.equal(await accept(workload, 0, 60), 'evidence_replayed')
    assert.equal(await accept(workload, 59, 600), 'evidence_replayed')
    assert.equal(await accept(other, 59, 600), 'evidence_replayed')
    assert.equal(await accept(workload, 60, 120), undefined)
    assert.equal(await accept(workload, 119, 120), 'evidence_replayed')
  }),
  storageCase('logins.grant MUST never refill a count that is open', async (world) => {
    const { storage } = world
    const workload = await seedWorkload(world)
    const grant = grantOf(workload, { counted: { session: SESSION, until: at(600) } })
    await storage.logins.grant(grant, at(0), [])
    await storage.tokens.spend(standingQueryOf(workload, SESSION), 1, [])
    await storage.logins.grant(grant, at(0), [])
    assert.equal(await storage.tokens.spend(standingQueryOf(workload, SESSION), 1, []), false)
  }),
]

async function readyGrant(world: World): Promise<ReadyGrant> {
  const workload = await seedWorkload(world)
  const { secret } = await seedSecret(world, workload, { maxUses: 1 })
  const lockout = lockoutKeyOf(workload)
  await strikeOnce(world, lockout, at(0))
  const grant: LoginGrant = grantOf(workload, {
    lockout,
    remember: { method: workload.authMethod.method, source: SOURCE, until: at(86_400) },
    charges: [{ kind: 'use', credential: secret.id }, once()],
    counted: { session: SESSION, until: at(600) },
  })
  return { workload, grant, secret: secret.id }
}

async function assertNothingGranted(world: World, ready: ReadyGrant): Promise<void> {
  const { storage } = world
  const { workload, secret } = ready
  const stored = await storage.clientSecrets.find(workload.organization, secret)
  assert.equal(stored?.uses ?? 0, 0, 'no use is counted')
  const state = await storage.logins.find(loginQueryOf(workload, { source: SOURCE }), at(2))
  assert.equal(state?.knownSince, undefined, 'no source is remembered')
  if (state?.authMethod.id === workload.authMethod.id)
    assert.notEqual(state.counters.strangers, undefined, 'the counter stays')
  const standing = await storage.tokens.find(standingQueryOf(workload, SESSION), at(2))
  assert.equal(standing.uses, undefined, 'no count is opened')
  assert.deepEqual(await world.eventIds(), [], 'no event is written')
  const elsewhere = grantOf(await seedWorkload(world), { charges: [once()] })
  assert.equal(await storage.logins.grant(elsewhere, at(2), []), undefined, 'no evidence is marked')
}
