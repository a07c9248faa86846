import assert from 'node:assert/strict'
import { CHAIN_START, later } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import { eventsFor, idsOf, sealAll, sealEvents } from './sealing.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What one chain shows, and who can see it. */
export const chainCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'trail.links MUST answer one chain behind an index, in order, and nothing of another',
    async (world) => {
      const { trail } = world.storage
      for (const organization of ['acme', 'other', undefined, 'acme', 'acme'])
        await sealEvents(world, organization, 2)
      const links = await trail.links('acme', 0, 100)
      assert.deepEqual(
        links.map(({ index }) => index),
        [1, 2, 3, 4, 5, 6],
      )
      for (const [place, { index }] of links.entries())
        assert.deepEqual(await trail.links('acme', index, 2), links.slice(place + 1, place + 3))
      const others = await trail.links(undefined, 0, 100)
      assert.equal(others.length, 2)
      assert.ok(others.every(({ event }) => event.organization === undefined))
      assert.deepEqual(await trail.links('unknown', 0, 100), [])
    },
  ),
  storageCase(
    'trail.chain MUST answer how one chain stands, and how many of its events are open',
    async (world) => {
      const { outbox, trail } = world.storage
      assert.deepEqual(await trail.chain('acme'), { head: CHAIN_START, open: 0 })
      await sealEvents(world, 'acme', 3)
      await sealEvents(world, 'other', 1)
      await outbox.append([
        ...eventsFor(world, 2, { organization: 'acme' }),
        ...eventsFor(world, 3),
      ])
      const last = (await trail.links('acme', 2, 1))[0]
      const head = { index: 3, hash: last?.hash }
      assert.deepEqual(await trail.chain('acme'), { head, open: 2 })
      assert.deepEqual(await trail.chain(undefined), { head: CHAIN_START, open: 3 })
    },
  ),
  storageCase(
    'trail.organizations MUST name each organization that has a chain once, by code point',
    async (world) => {
      const { trail } = world.storage
      for (const organization of ['b', 'a', undefined, 'B', 'a', 'a-1'])
        await sealEvents(world, organization, 1)
      assert.deepEqual(await trail.organizations(undefined, 100), ['B', 'a', 'a-1', 'b'])
      assert.deepEqual(await trail.organizations(undefined, 3), ['B', 'a', 'a-1'])
      assert.deepEqual(await trail.organizations('a', 3), ['a-1', 'b'])
      assert.deepEqual(await trail.organizations('b', 3), [])
    },
  ),
  storageCase('trail.page MUST show each matching event once, the newest first', async (world) => {
    const { trail } = world.storage
    const { about, by, named, other } = await sealVariety(world)
    const idn = 'idn_1'
    const search = async (filter: object) =>
      idsOf(await trail.page({ filter: { organization: 'acme', ...filter }, limit: 100 }))
    assert.deepEqual(await search({}), [other, named, by, about])
    assert.deepEqual(await search({ identity: idn }), [named, by, about])
    assert.deepEqual(await search({ identity: idn, type: 'login.granted' }), [by])
    assert.deepEqual(await search({ since: at(1) }), [other, named, by])
    assert.deepEqual(await search({ since: at(1), until: at(3) }), [named, by])
    assert.deepEqual(await search({ until: later(at(0), 0.001) }), [about])
    const pages: string[] = []
    let before: number | undefined
    for (;;) {
      const filter = { organization: 'acme', identity: idn }
      const page = await trail.page({ filter, limit: 2, ...(before !== undefined && { before }) })
      pages.push(...idsOf(page))
      before = page.at(-1)?.index
      if (before === undefined || pages.length > 3) break
    }
    assert.deepEqual(pages, [named, by, about])
  }),
  storageCase('trail.page MUST NOT show anything of another organization', async (world) => {
    const { trail } = world.storage
    await sealVariety(world)
    const mine = await trail.page({ filter: { organization: 'other' }, limit: 100 })
    assert.equal(mine.length, 1)
    assert.ok(mine.every(({ event }) => event.organization === 'other'))
    const none = await trail.page({ filter: { identity: 'idn_1' }, limit: 100 })
    assert.deepEqual(
      none.map(({ event }) => event.organization),
      [undefined],
    )
  }),
]

/** Seals events by, about and beside one identity; answers the ids of those in `acme`. */
async function sealVariety(world: World) {
  const organization = 'acme'
  const identity = { kind: 'identity', id: 'idn_1' } as const
  const token = { kind: 'token', id: 'sid_1' } as const
  const [about, by, named, other, foreign, none] = eventsFor(world, 6)
  assert.ok(about && by && named && other && foreign && none)
  await world.storage.outbox.append([
    { ...about, organization, target: identity, at: at(0) },
    { ...foreign, organization: 'other', target: identity },
    { ...by, organization, actor: identity, target: token, type: 'login.granted', at: at(1) },
    { ...named, organization, target: token, details: { identity: 'idn_1' }, at: at(2) },
    { ...none, actor: identity },
    { ...other, organization, target: { ...identity, id: 'idn_2' }, at: at(3) },
  ])
  await sealAll(world.storage)
  return { about: about.id, by: by.id, named: named.id, other: other.id }
}
