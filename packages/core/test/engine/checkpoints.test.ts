import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import type { Checkpoint } from '../../src/model/chain.ts'
import { CHAIN_START } from '../../src/model/chain.ts'
import type { Signer } from '../../src/ports/signer.ts'
import { anEngine } from '../support/engine.ts'
import { aSigner } from '../support/signer.ts'
import { createVandal, rechained, truncate } from '../support/vandal.ts'
import { loggedIn } from '../support/workload.ts'

const organization = 'acme'

describe('checkpoints', () => {
  test('are signed a minute after the first event that none covers, and not before', async () => {
    const { countersign, clock, storage } = await loggedIn()
    await countersign.maintain()
    const last = async () => (await storage.trail.chain(organization)).checkpoint
    clock.advance(59.999)
    await countersign.maintain()
    expect(await last()).toBeUndefined()
    clock.advance(0.001)
    await countersign.maintain()
    const { head } = await storage.trail.chain(organization)
    expect(await last()).toMatchObject({ organization, ...head, at: clock.now() })
    const { jws } = (await last()) ?? {}
    clock.advance(1000)
    await countersign.maintain()
    expect((await last())?.jws).toBe(jws)
  })

  test('are signed behind a thousand events at once', async () => {
    const { countersign, storage, recorded } = await loggedIn()
    const event = (await recorded()).find((row) => row.organization === organization)
    if (event === undefined) throw new Error('there is no event')
    await storage.outbox.append(Array.from({ length: 1000 }, () => event))
    for (let pass = 0; pass < 3; pass += 1) await countersign.maintain()
    const { checkpoint, head } = await storage.trail.chain(organization)
    expect(checkpoint?.index).toBe(head.index)
  })

  test('are JWS of a type of their own, by the key that signs tokens, and no tokens', async () => {
    const { countersign } = await loggedIn()
    await countersign.maintain()
    const { jws, kid } = await countersign.asHost('test').events.checkpoint({ organization })
    const [header = '', claims = ''] = jws.split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const [key] = (await countersign.jwks()).keys
    expect(read(header)).toEqual({ alg: 'EdDSA', kid: key?.kid, typ: 'countersign-checkpoint+jwt' })
    expect(kid).toBe(key?.kid)
    expect(Object.keys(read(claims)).sort()).toEqual([
      'anchor',
      'hash',
      'iat',
      'index',
      'iss',
      'org',
    ])
    await expect(countersign.authenticate(jws, {})).rejects.toMatchObject({ code: 'invalid_token' })
  })

  test('are signed anew by a new key before the old one is gone', async () => {
    const { countersign, clock, storage } = await loggedIn({ engine: anEngine({ notices: 'off' }) })
    await countersign.maintain()
    clock.advance(60)
    await countersign.maintain()
    const { checkpoint: before } = await storage.trail.chain(organization)
    await countersign.asHost('test').signingKeys.rotate({ lead: 0 })
    await countersign.maintain()
    clock.advance(60)
    for (let pass = 0; pass < 3; pass += 1) await countersign.maintain()
    const { checkpoint: after } = await storage.trail.chain(organization)
    expect(after?.index).toBe(before?.index)
    expect(after?.kid).not.toBe(before?.kid)
    clock.advance(days(91))
    await countersign.maintain()
    const verdict = await countersign.asHost('test').events.verify({ organization })
    expect(verdict).toMatchObject({ intact: true, unsigned: 0 })
  })

  test('are signed anew, and that is told, where their key was revoked', async () => {
    const { countersign, clock, storage, recorded } = await loggedIn()
    await countersign.maintain()
    clock.advance(60)
    await countersign.maintain()
    const { checkpoint } = await storage.trail.chain(organization)
    await countersign.asHost('test').signingKeys.revoke({ kid: checkpoint?.kid ?? '' })
    await countersign.maintain()
    clock.advance(60)
    for (let pass = 0; pass < 3; pass += 1) await countersign.maintain()
    expect((await recorded()).filter(({ type }) => type === 'trail.resigned')).toMatchObject([
      { target: { kind: 'trail', id: 'deployment' }, details: { kid: checkpoint?.kid } },
      { target: { kind: 'trail', id: organization }, details: { kid: checkpoint?.kid } },
    ])
    expect(await countersign.asHost('test').events.verify()).toMatchObject({ intact: true })
  })

  test('never cover what was changed: the chain is told to be broken, once, and not signed again', async () => {
    const vandal = createVandal()
    const login = await loggedIn({ engine: anEngine({ around: vandal.around }) })
    const { countersign, clock, storage, recorded } = login
    await countersign.maintain()
    vandal.edit(organization, (rows) =>
      rows.map((row) => (row.index === 2 ? { ...row, event: { ...row.event, count: 7 } } : row)),
    )
    clock.advance(60)
    for (let pass = 0; pass < 3; pass += 1) await countersign.maintain()
    expect((await storage.trail.chain(organization)).checkpoint).toBeUndefined()
    expect((await recorded()).filter(({ type }) => type === 'trail.broken')).toMatchObject([
      { reason: 'changed', target: { kind: 'trail', id: organization }, details: { index: 2 } },
    ])
    await expect(
      countersign.asHost('test').events.checkpoint({ organization }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  test('do not go on from a history that was written anew, or cut', async () => {
    for (const spoil of ['rewritten', 'truncated'] as const) {
      const vandal = createVandal()
      const login = await loggedIn({ engine: anEngine({ around: vandal.around }) })
      const { countersign, clock, storage, recorded } = login
      await countersign.maintain()
      clock.advance(60)
      await countersign.maintain()
      const { checkpoint } = await storage.trail.chain(organization)
      if (spoil === 'truncated')
        await truncate(vandal, storage, { ...CHAIN_START, organization, index: 2 }, checkpoint)
      else {
        const rewrite = (rows: Parameters<typeof rechained>[0]) =>
          rechained(rows.map((row) => ({ ...row, event: { ...row.event, count: 7 } })))
        vandal.edit(organization, rewrite)
        const last = rewrite(await storage.trail.links(organization, 0, 100)).at(-1)
        vandal.editChain(organization, (chain) => ({
          ...chain,
          head: { index: chain.head.index, hash: last?.hash ?? '' },
        }))
      }
      await storage.outbox.append((await recorded()).slice(-1))
      await countersign.maintain()
      clock.advance(60)
      await countersign.maintain()
      const told = (await recorded()).filter(({ type }) => type === 'trail.broken')
      expect(told.map(({ target }) => target.id)).toEqual([organization])
    }
  })
})

describe('audit.witness', () => {
  test('takes every checkpoint; what it throws at is made again', async () => {
    const taken: Checkpoint[] = []
    let isAway = true
    const witness = (checkpoints: readonly Checkpoint[]): void => {
      if (isAway) throw new Error('away')
      taken.push(...checkpoints)
    }
    const { countersign, clock, storage } = await loggedIn({
      engine: anEngine({ audit: { witness } }),
    })
    await countersign.maintain()
    clock.advance(60)
    await countersign.maintain()
    expect((await storage.trail.chain(organization)).checkpoint).toBeUndefined()
    isAway = false
    await countersign.maintain()
    const { checkpoint } = await storage.trail.chain(organization)
    expect(new Set(taken.map((kept) => kept.organization))).toEqual(
      new Set([undefined, organization]),
    )
    expect(taken).toContainEqual(checkpoint)
  })

  test('holds nobody up: after 10 seconds it counts as away', async () => {
    const witness = (): Promise<void> => new Promise(() => undefined)
    const login = await loggedIn({ engine: anEngine({ audit: { witness } }) })
    const { countersign, clock, runtime, storage } = login
    await countersign.maintain()
    clock.advance(60)
    const pass = countersign.maintain()
    while (runtime.deadlines.at(-1)?.seconds !== 10) await new Promise(setImmediate)
    runtime.deadlines.at(-1)?.expire()
    await pass
    expect((await storage.trail.chain(organization)).checkpoint).toBeUndefined()
  })
})

describe('a signer that is away', () => {
  test('holds up no event', async () => {
    let isAway = false
    const present = aSigner()
    const signer: Signer = {
      ...present,
      sign(data) {
        if (isAway) throw new Error('away')
        return present.sign(data)
      },
    }
    const login = await loggedIn({ engine: anEngine({ signer }) })
    isAway = true
    const { countersign, clock, sunk, recorded } = login
    await countersign.maintain()
    clock.advance(60)
    expect(await countersign.maintain()).toEqual({ done: true })
    expect(sunk).toEqual(await recorded())
  })
})

describe('audit.retention', () => {
  test('lets old events go, says so, and leaves a chain that proves itself', async () => {
    const engine = anEngine({ audit: { retention: days(30) } })
    const { countersign, clock, storage, recorded, login } = await loggedIn({ engine })
    await countersign.maintain()
    const { head } = await storage.trail.chain(organization)
    clock.advance(days(30))
    await countersign.maintain()
    expect((await storage.trail.links(organization, 0, 100)).length).toBe(head.index)
    clock.advance(3600)
    await login()
    for (let pass = 0; pass < 3; pass += 1) await countersign.maintain()
    const kept = await storage.trail.links(organization, 0, 100)
    expect(kept.map(({ index, event }) => [index, event.type])).toEqual([
      [head.index + 1, 'login.granted'],
    ])
    const { checkpoint } = await storage.trail.chain(organization)
    expect(checkpoint?.anchor).toEqual(head)
    expect((await recorded()).filter(({ type }) => type === 'trail.forgotten').length).toBe(1)
    const { verify } = countersign.asHost('test').events
    expect(await verify()).toMatchObject({ intact: true })
    const { jws } = checkpoint ?? { jws: '' }
    expect(await verify({ organization, checkpoints: [jws] })).toMatchObject({ intact: true })
  })

  test('keeps everything where nobody asked for less', async () => {
    const { countersign, clock, storage } = await loggedIn({ engine: anEngine({ notices: 'off' }) })
    await countersign.maintain()
    const before = await storage.trail.links(organization, 0, 100)
    clock.advance(days(4000))
    await countersign.maintain()
    expect(await storage.trail.links(organization, 0, 100)).toEqual(before)
  })

  test('is a day at the least', () => {
    expect(() => anEngine({ audit: { retention: days(1) - 1 } })).toThrow('audit.retention')
    expect(() => anEngine({ audit: { witness: 'x' as never } })).toThrow('audit.witness')
  })
})
