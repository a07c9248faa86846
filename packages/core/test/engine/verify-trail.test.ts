import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import { CHAIN_START } from '../../src/model/chain.ts'
import type { CountersignOptions } from '../../src/surface.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { createVandal, rechained, truncate, vandalism } from '../support/vandal.ts'

/** An engine whose trail of `acme` has so many events, sealed and covered by a checkpoint. */
async function aTrail({
  events = 12,
  vandal = createVandal(),
  ...given
}: Partial<CountersignOptions> & {
  readonly events?: number
  readonly vandal?: ReturnType<typeof createVandal>
} = {}) {
  const engine = anEngine({ around: vandal.around, ...given } as object) as TestEngine
  const { countersign, clock } = engine
  const organization = 'acme'
  await countersign.asHost('test').organizations.create({ id: organization, name: 'Acme' })
  const grow = async (count: number): Promise<void> => {
    for (let made = 0; made < count; made += 1) {
      clock.advance(0.001)
      await engine.host.projects.create({ organization, name: `project ${made}` })
    }
    while (!(await countersign.maintain()).done);
  }
  await grow(events - 1)
  clock.advance(60)
  await countersign.maintain()
  return { ...engine, organization, vandal, grow, events: countersign.asHost('test').events }
}

describe('events.verify()', () => {
  test('finds an untouched trail intact, and counts what is in it', async () => {
    const { events, host, organization } = await aTrail()
    expect(await events.verify({ organization })).toEqual({
      intact: true,
      chains: 1,
      events: 12,
      unsigned: 0,
      open: 0,
    })
    await host.projects.create({ organization, name: 'open' })
    expect(await events.verify({ organization })).toMatchObject({ events: 12, open: 1 })
    expect(await events.verify()).toMatchObject({ intact: true, chains: 2 })
  })

  test('counts what no signature covers yet', async () => {
    const { events, grow, organization } = await aTrail()
    await grow(3)
    expect(await events.verify({ organization })).toMatchObject({ events: 15, unsigned: 3 })
  })

  test('names the chain, the place and the event of a fault, whichever chain is asked for', async () => {
    const { events, organization, vandal, storage } = await aTrail()
    const [, , , fourth] = await storage.trail.links(organization, 0, 4)
    vandal.edit(organization, (rows) =>
      rows.map((row) => (row.index === 4 ? { ...row, event: { ...row.event, count: 9 } } : row)),
    )
    const fault = { organization, kind: 'changed', index: 4, event: fourth?.event.id }
    expect(await events.verify({ organization })).toMatchObject({ intact: false, fault })
    expect(await events.verify()).toMatchObject({ intact: false, fault })
  })

  test('finds a fault on either side of a page, and beyond it', async () => {
    for (const index of [499, 500, 501, 999]) {
      const { events, organization, vandal } = await aTrail({ events: 1003 })
      for (const { does, edit, kind } of vandalism.filter(({ index: place }) => place === 4)) {
        vandal.edit(organization, (rows) => {
          const shifted = rows
            .slice(index - 4)
            .map((row) => ({ ...row, index: row.index - index + 4 }))
          const spoiled = edit(shifted).map((row) => ({ ...row, index: row.index + index - 4 }))
          return [...rows.slice(0, index - 4), ...spoiled]
        })
        const { fault } = await events.verify({ organization })
        expect([does, fault?.kind, fault?.index]).toEqual([does, kind, index])
      }
    }
  })

  test('refuses a checkpoint that this deployment did not sign', async () => {
    const { events, organization } = await aTrail()
    const foreign = await aTrail({ issuer: 'https://other.example.com' })
    const { jws } = await events.checkpoint({ organization })
    const { jws: other } = await foreign.events.checkpoint({ organization })
    const [head, claims, signature] = jws.split('.')
    const texts = [
      '',
      'x',
      other,
      `${head}.${claims}.${signature?.slice(1)}A`,
      `${head}.${claims}.`,
    ]
    for (const text of texts)
      await expect(events.verify({ checkpoints: [text] })).rejects.toMatchObject({
        code: 'invalid_request',
      })
  })

  test('takes a checkpoint of a key that is gone, if its public key was kept as well', async () => {
    const { countersign, events, organization, clock, grow } = await aTrail()
    const { jws } = await events.checkpoint({ organization })
    const { keys: olderKeys } = await countersign.jwks()
    await countersign.asHost('test').signingKeys.rotate({ lead: 0 })
    clock.advance(days(91))
    await countersign.maintain()
    await grow(1)
    await expect(events.verify({ checkpoints: [jws] })).rejects.toThrow('olderKeys')
    const verdict = await events.verify({ organization, checkpoints: [jws], olderKeys })
    expect(verdict).toMatchObject({ intact: true, events: 13 })
    const [stranger] = (await (await aTrail()).countersign.jwks()).keys
    await expect(
      events.verify({
        checkpoints: [jws],
        olderKeys: [{ ...stranger, kid: olderKeys[0]?.kid } as never],
      }),
    ).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(events.verify({ olderKeys: [{ kid: 'x' }] })).rejects.toThrow('olderKeys[0]')
  })

  test('looks at a chain that only a checkpoint remembers', async () => {
    const { events, organization, vandal, storage } = await aTrail()
    const { jws } = await events.checkpoint({ organization })
    await truncate(vandal, storage, { ...CHAIN_START, organization })
    const verdict = await events.verify({ checkpoints: [jws] })
    expect(verdict.fault).toEqual({ organization, kind: 'truncated', index: 1 })
  })

  test('finds out who hashed everything anew, by the checkpoint that is stored', async () => {
    const { events, organization, vandal } = await aTrail()
    vandal.edit(organization, (rows) =>
      rechained(rows.map((row) => ({ ...row, event: { ...row.event, reason: 'other' } }))),
    )
    const { fault } = await events.verify({ organization })
    expect(fault).toMatchObject({ kind: 'rewritten', index: 12 })
  })

  test('finds out who forged the stored checkpoint, or put one of another chain in its place', async () => {
    const { events, organization, vandal, storage } = await aTrail()
    const { checkpoint: other } = await storage.trail.chain(undefined)
    const { checkpoint } = await storage.trail.chain(organization)
    if (checkpoint === undefined) throw new Error('there is no checkpoint')
    for (const forged of [
      { ...checkpoint, index: 5 },
      { ...checkpoint, anchor: { index: 5, hash: checkpoint.hash } },
      { ...checkpoint, jws: other?.jws ?? '' },
      { ...checkpoint, jws: 'x' },
    ]) {
      vandal.editChain(organization, (chain) => ({ ...chain, checkpoint: forged }))
      const { fault } = await events.verify({ organization })
      expect(fault).toMatchObject({ kind: 'forged', index: forged.index })
    }
  })

  test('holds while retention lets events go underneath', async () => {
    const { events, organization, clock, countersign, grow, storage } = await aTrail({
      audit: { retention: days(30) },
    })
    clock.advance(days(31))
    await grow(2)
    for (let pass = 0; pass < 3; pass += 1) await countersign.maintain()
    expect((await storage.trail.links(organization, 0, 100)).map(({ index }) => index)).toEqual([
      13, 14,
    ])
    expect(await events.verify({ organization })).toMatchObject({ intact: true, events: 2 })
  })
})
