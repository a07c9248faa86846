import { describe, expect, test } from 'vitest'
import { days, hours } from '../../src/lib/time.ts'
import { at } from '../support/clock.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { createOutage } from '../support/storage.ts'
import { aWorkload, HOME, loggedIn } from '../support/workload.ts'

/** Lets what was gathered be written, as a node does that runs. */
async function pass({ clock, countersign }: TestEngine, seconds: number): Promise<void> {
  clock.advance(seconds)
  await countersign.maintain()
}

describe('clientSecrets.rotate()', () => {
  test('makes a secret that works at once, while the old one works until the overlap ends', async () => {
    const { host, secret, login, clock, refused } = await aWorkload()
    const { organization, id } = secret
    const successor = await host.clientSecrets.rotate({ organization, id, overlap: hours(1) })
    expect(successor).toMatchObject({ replaces: id, identity: secret.identity })
    await expect(login(HOME, successor.clientSecret)).resolves.toBeDefined()
    clock.set(new Date(at(hours(1)).getTime() - 1))
    await expect(login()).resolves.toBeDefined()
    clock.set(at(hours(1)))
    expect((await refused(HOME, secret.clientSecret)).reason).toBe('secret_expired')
    await expect(login(HOME, successor.clientSecret)).resolves.toBeDefined()
  })

  test('overlaps for 24 hours where nothing is said, and not at all where 0 is', async () => {
    const { host, secret, another, login, refused } = await aWorkload()
    const { organization, id } = secret
    await host.clientSecrets.rotate({ organization, id })
    expect(await host.clientSecrets.get({ organization, id })).toMatchObject({
      expiresAt: at(hours(24)),
    })
    const leaked = await another()
    const fresh = await host.clientSecrets.rotate({ organization, id: leaked.id, overlap: 0 })
    expect((await refused(HOME, leaked.clientSecret)).reason).toBe('secret_expired')
    await expect(login(HOME, fresh.clientSecret)).resolves.toBeDefined()
  })

  test('never lets the old secret live longer than before', async () => {
    const { host, secret } = await aWorkload({ secret: { ttl: 60 } })
    const { organization, id } = secret
    await host.clientSecrets.rotate({ organization, id, overlap: hours(1) })
    expect((await host.clientSecrets.get({ organization, id })).expiresAt).toEqual(at(60))
  })

  test('keeps the settings of the old secret, but for those that are given', async () => {
    const { host, another, clock, login } = await aWorkload()
    const wanted = { description: 'CI', ttl: days(30), maxUses: 5 }
    const old = await another(wanted)
    await login(HOME, old.clientSecret)
    clock.advance(days(10))
    const { organization, id } = old
    const same = await host.clientSecrets.rotate({ organization, id })
    expect(same).toMatchObject({ description: 'CI', maxUses: 5, uses: 0, expiresAt: at(days(40)) })
    const key = { organization, id: same.id }
    const other = await host.clientSecrets.rotate({ ...key, ttl: 60, description: 'CD' })
    expect(other).toMatchObject({ description: 'CD', maxUses: 5, expiresAt: at(days(10) + 60) })
  })

  test('replaces each secret once, and none that was revoked', async () => {
    const { host, secret, another, recorded } = await aWorkload()
    const { organization, id } = secret
    const settled = await flood(20, () => host.clientSecrets.rotate({ organization, id }))
    const made = settled.filter(({ status }) => status === 'fulfilled')
    expect(made).toHaveLength(1)
    const revoked = await another()
    await host.clientSecrets.revoke({ organization, id: revoked.id })
    await expect(host.clientSecrets.rotate({ organization, id: revoked.id })).rejects.toMatchObject(
      { code: 'conflict' },
    )
    const events = (await recorded()).filter(({ type }) => type === 'client_secret.rotated')
    expect(events).toHaveLength(1)
  })

  test('replaces what expired or was used up, so that a late rotation still helps', async () => {
    const { host, another, clock, login } = await aWorkload()
    const old = await another({ ttl: 60 })
    clock.advance(90)
    const { organization, id } = old
    const { clientSecret, expiresAt } = await host.clientSecrets.rotate({ organization, id })
    expect(expiresAt).toEqual(at(150))
    await expect(login(HOME, clientSecret)).resolves.toBeDefined()
  })

  test.each([
    [{ overlap: -1 }, 'overlap must be at least 0'],
    [{ overlap: 0.5 }, 'overlap must be a whole number'],
    [{ overlap: days(366) }, 'overlap must be at most 31536000'],
    [{ ttl: 60, expiresAt: at(60) }, 'expiresAt must be left out where ttl is given'],
    [{ identity: 'idn_other' }, 'The input has an unknown member identity'],
  ])('refuses %j', async (given, message) => {
    const { host, secret } = await aWorkload()
    const { organization, id } = secret
    await expect(
      host.clientSecrets.rotate({ organization, id, ...given } as never),
    ).rejects.toMatchObject({ code: 'invalid_request', message })
  })

  test('answers not_found for a secret of another organization', async () => {
    const { host, secret } = await aWorkload()
    await host.organizations.create({ id: 'rival', name: 'Rival' })
    await expect(
      host.clientSecrets.rotate({ organization: 'rival', id: secret.id }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('KEY-007 shows the new secret once, and nowhere else', async () => {
    const { host, secret, recorded, storage } = await aWorkload()
    const { organization, id, identity } = secret
    const { clientSecret, ...shown } = await host.clientSecrets.rotate({ organization, id })
    const { items } = await host.clientSecrets.list({ organization, identity })
    const stored = await storage.clientSecrets.find(organization, shown.id)
    expect(JSON.stringify([shown, items, stored, await recorded()])).not.toContain(clientSecret)
  })
})

describe('a rotation that is cut off', () => {
  test('KEY-006 leaves the old secret as it was where the storage fails', async () => {
    const outage = createOutage()
    const { host, secret, login } = await aWorkload({ engine: anEngine({ around: outage.around }) })
    const { organization, id, identity } = secret
    outage.begin('clientSecrets.rotate')
    await expect(host.clientSecrets.rotate({ organization, id })).rejects.toMatchObject({
      code: 'unavailable',
    })
    outage.end()
    expect((await host.clientSecrets.list({ organization, identity })).items).toHaveLength(1)
    expect('expiresAt' in (await host.clientSecrets.get({ organization, id }))).toBe(false)
    await expect(login()).resolves.toBeDefined()
  })

  test('KEY-006 leaves the old secret working through the overlap where the answer was lost', async () => {
    const { host, secret, login, refused } = await aWorkload()
    const { organization, id } = secret
    // Nobody keeps the new secret: as if the process died before it was written down.
    const { id: lost } = await host.clientSecrets.rotate({ organization, id })
    await expect(login()).resolves.toBeDefined()
    const again = await host.clientSecrets.rotate({ organization, id: lost, overlap: 0 })
    await expect(login(HOME, again.clientSecret)).resolves.toBeDefined()
    expect((await refused()).reason).toBe('wrong_secret')
  })
})

describe('the end of an overlap', () => {
  test('leaves the tokens of the old secret alive', async () => {
    const { host, secret, authenticate, renew, clock } = await loggedIn({
      tokenPolicy: { maxTtl: hours(8) },
    })
    const { organization, id } = secret
    await host.clientSecrets.rotate({ organization, id, overlap: 60 })
    clock.advance(61)
    await expect(authenticate()).resolves.toBeDefined()
    await expect(renew()).resolves.toBeDefined()
  })

  test('is told once, however many nodes maintain', async () => {
    const workload = await aWorkload()
    const { host, secret, countersign, clock, recorded } = workload
    const nodes = [countersign, ...[1, 2, 3].map(() => anEngine({ beside: workload }).countersign)]
    const { organization, id } = secret
    const successor = await host.clientSecrets.rotate({ organization, id, overlap: 60 })
    const told = async () =>
      (await recorded()).filter(({ type }) => type === 'client_secret.expired')
    clock.advance(59)
    for (const node of nodes) await node.maintain()
    expect(await told()).toEqual([])
    clock.advance(1)
    await Promise.all(nodes.map((node) => node.maintain()))
    for (const node of nodes) await node.maintain()
    expect(await told()).toMatchObject([
      {
        actor: { kind: 'engine' },
        target: { kind: 'client_secret', id },
        reason: 'overlap_ended',
        details: { replacedBy: successor.id },
      },
    ])
    const [rotated] = (await recorded()).filter(({ type }) => type === 'client_secret.rotated')
    expect(rotated).toMatchObject({
      target: { kind: 'client_secret', id },
      details: { replacedBy: successor.id, overlap: 60 },
    })
  })

  test('is not told of a secret that was revoked before', async () => {
    const { host, secret, countersign, clock, recorded } = await aWorkload()
    const { organization, id } = secret
    await host.clientSecrets.rotate({ organization, id, overlap: 60 })
    await host.clientSecrets.revoke({ organization, id })
    clock.advance(60)
    await countersign.maintain()
    const types = (await recorded()).map(({ type }) => type)
    expect(types).not.toContain('client_secret.expired')
  })
})

describe('the list during a rotation', () => {
  test('shows which replaced which, which was used last, and when the old one can go', async () => {
    const workload = await aWorkload()
    const { host, secret, login } = workload
    const { organization, id } = secret
    await login()
    await pass(workload, 60)
    const successor = await host.clientSecrets.rotate({ organization, id })
    const listed = async () => {
      const old = await host.clientSecrets.get({ organization, id })
      const next = await host.clientSecrets.get({ organization, id: successor.id })
      return { old, next, safe: old.safeToDelete }
    }
    expect(await listed()).toMatchObject({
      old: { replacedBy: successor.id, lastUsedAt: at(0) },
      next: { replaces: id, safeToDelete: false },
      safe: false,
    })
    await login(HOME, successor.clientSecret)
    await pass(workload, 60)
    // Uses of the old one on other nodes may be on their way.
    expect(await listed()).toMatchObject({ next: { firstUsedAt: at(60) }, safe: false })
    await pass(workload, 60)
    expect((await listed()).safe).toBe(true)
    await login()
    await pass(workload, 60)
    expect(await listed()).toMatchObject({ old: { lastUsedAt: at(180) }, safe: false })
    await pass(workload, hours(24))
    expect(await listed()).toMatchObject({ old: { ended: 'secret_expired' }, safe: true })
  })

  test('calls the old one needed where the new one is gone', async () => {
    const { host, secret } = await aWorkload()
    const { organization, id, identity } = secret
    const successor = await host.clientSecrets.rotate({ organization, id })
    await host.clientSecrets.delete({ organization, id: successor.id })
    const { items } = await host.clientSecrets.list({ organization, identity })
    expect(items.map(({ safeToDelete }) => safeToDelete)).toEqual([false])
  })
})
