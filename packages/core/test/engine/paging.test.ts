import { describe, expect, test } from 'vitest'
import type { Page } from '../../src/engine/manage/page.ts'
import { at } from '../support/clock.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { aWorkload } from '../support/workload.ts'

const organization = 'acme'

/** 25 identities with names that repeat, and metadata. */
async function aCrowd(): Promise<TestEngine> {
  const engine = anEngine()
  await engine.host.organizations.create({ id: organization, name: 'Acme' })
  for (let index = 0; index < 25; index += 1) {
    const [team, owner] = [index % 2 === 0 ? 'blue' : 'red', `u_${index % 5}`]
    const disabled = index % 3 === 0
    const wanted = { name: `name ${index % 4}`, slug: `s-${index}`, owner, disabled }
    await engine.host.identities.create({
      organization,
      ...wanted,
      metadata: { team, 'a"b': '"]' },
    })
  }
  return engine
}

/** Reads a list to its end. */
async function readAll<Item>(
  read: (cursor?: string) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return items
}

describe('a list', () => {
  test.each(['id', 'name'] as const)(
    'ordered by %s shows each row once, whatever it is cut into',
    async (order) => {
      const { host } = await aCrowd()
      const whole = (await host.identities.list({ organization, order })).items
      expect(whole.length).toBe(25)
      const sorted = [...whole].sort((a, b) =>
        order === 'name' ? compare(`${a.name} ${a.id}`, `${b.name} ${b.id}`) : compare(a.id, b.id),
      )
      expect(whole).toEqual(sorted)
      for (const limit of [1, 3, 7, 24, 25]) {
        const read = (cursor?: string) =>
          host.identities.list({ organization, order, limit, cursor })
        expect(await readAll(read)).toEqual(whole)
      }
    },
  )

  test('loses and repeats nothing that stood all the time, while others come and go', async () => {
    const { host, clock } = await aCrowd()
    clock.advance(1)
    const before = (await host.identities.list({ organization })).items
    const [gone] = before.slice(-1)
    let changed = false
    const seen = await readAll(async (cursor) => {
      const page = await host.identities.list({ organization, limit: 4, cursor })
      if (!changed) {
        await host.identities.delete({ organization, id: page.items[0]?.id ?? '' })
        await host.identities.delete({ organization, id: gone?.id ?? '' })
        await host.identities.create({ organization, name: 'late' })
      }
      changed = true
      return page
    })
    expect(seen.slice(0, 24).map(({ id }) => id)).toEqual(before.slice(0, 24).map(({ id }) => id))
    expect(seen.slice(24).map(({ name }) => name)).toEqual(['late'])
  })

  test('filters by every member, together', async () => {
    const { host, storage } = await aCrowd()
    const count = async (filter: object) =>
      (await host.identities.list({ organization, ...filter })).items.length
    expect(await count({ name: 'name 1' })).toBe(6)
    expect(await count({ slug: 's-7' })).toBe(1)
    expect(await count({ owner: 'u_0' })).toBe(5)
    expect(await count({ disabled: true })).toBe(9)
    expect(await count({ metadata: { team: 'blue' } })).toBe(13)
    expect(await count({ metadata: { team: 'blue', other: 'x' } })).toBe(0)
    expect(await count({ metadata: { constructor: 'x' } })).toBe(0)
    expect(await count({ method: 'universal' })).toBe(0)
    expect(await count({ unusedSince: at(1) })).toBe(25)
    expect(await count({ unusedSince: at(0) })).toBe(0)
    expect(await count({ disabled: false, owner: 'u_0', metadata: { team: 'blue' } })).toBe(2)
    expect(await storage.durable).toBe(false)
  })

  test('filters by method and by last use', async () => {
    const { login, host, identity, countersign, clock } = await aWorkload()
    await host.identities.create({ organization, name: 'idle' })
    clock.advance(60)
    await login()
    await countersign.maintain()
    const idsOf = async (filter: object) =>
      (await host.identities.list({ organization, ...filter })).items.map(({ id }) => id)
    expect(await idsOf({ method: 'universal' })).toEqual([identity.id])
    expect((await host.identities.list({ organization, unusedSince: at(60) })).items).toMatchObject(
      [{ name: 'idle' }],
    )
    expect((await idsOf({ unusedSince: at(61) })).length).toBe(2)
  })

  test('continues a filter of dates and of metadata by its own cursor', async () => {
    const { host } = await aCrowd()
    for (const filter of [
      { unusedSince: at(1) },
      { metadata: { 'a"b': '"]' } },
      { disabled: false },
    ]) {
      const { cursor } = await host.identities.list({ organization, limit: 2, ...filter })
      const next = await host.identities.list({ organization, limit: 3, cursor, ...filter })
      expect(next.items.length).toBe(3)
    }
  })

  test('refuses a cursor of another list, tenant, order or filter', async () => {
    const { host } = await aCrowd()
    await host.organizations.create({ id: 'other', name: 'Other' })
    const { cursor = '' } = await host.identities.list({ organization, limit: 2 })
    const others = [
      () => host.projects.list({ organization, cursor }),
      () => host.organizations.list({ cursor }),
      () => host.identities.list({ organization: 'other', cursor }),
      () => host.identities.list({ organization, order: 'name', cursor }),
      () => host.identities.list({ organization, disabled: false, cursor }),
      () => host.identities.list({ organization, unusedSince: at(1), cursor }),
    ]
    for (const attempt of others)
      await expect(attempt()).rejects.toMatchObject({
        code: 'invalid_request',
        message: 'cursor must come from this very list',
      })
    const first = await host.identities.list({ organization, limit: 2, unusedSince: at(1) })
    const moved = { organization, unusedSince: at(2), cursor: first.cursor }
    await expect(host.identities.list(moved)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test.each(['x', '', '%%%', 'W10', 'WyJhIl0', 'bnVsbA', 'eyJhIjoxfQ', 'W1siYSJdLCJiIiwiYyJd'])(
    'refuses the cursor %j',
    async (cursor) => {
      const { host } = await aCrowd()
      await expect(host.identities.list({ organization, cursor })).rejects.toMatchObject({
        code: 'invalid_request',
      })
    },
  )

  test.each([
    [{ limit: 0 }, 'limit must be at least 1'],
    [{ limit: 101 }, 'limit must be at most 100'],
    [{ limit: 1.5 }, 'limit must be a whole number'],
    [{ offset: -1 }, 'offset must be at least 0'],
    [{ offset: 10_001 }, 'offset must be at most 10000'],
    [{ order: 'createdAt' }, 'order must be id or name'],
    [{ cursor: 'x'.repeat(4097) }, 'cursor is too long'],
    [{ page: 2 }, 'The input has an unknown member page'],
    [{ disabled: 'true' }, 'disabled must be true or false'],
  ])('ESC-008 refuses %j', async (page, message) => {
    const { host } = await aCrowd()
    const list = host.identities.list({ organization, ...page } as never)
    await expect(list).rejects.toMatchObject({ code: 'invalid_request', message })
  })

  test('skips an offset', async () => {
    const { host } = await aCrowd()
    const whole = (await host.identities.list({ organization })).items
    const { items } = await host.identities.list({ organization, offset: 20 })
    expect(items).toEqual(whole.slice(20))
  })

  test('of organizations, projects, auth methods and secrets is cut and continued', async () => {
    const { host, key, another } = await aWorkload()
    for (let index = 0; index < 4; index += 1) {
      await host.organizations.create({ name: `org ${index}` })
      await host.projects.create({ organization, name: `project ${index}` })
      await another({ description: `secret ${index}` })
    }
    const limit = 2
    const reads = [
      readAll((cursor) => host.organizations.list({ limit, cursor })),
      readAll((cursor) => host.projects.list({ organization, limit, cursor })),
      readAll((cursor) => host.clientSecrets.list({ ...key, limit, cursor })),
      readAll((cursor) => host.authMethods.list({ ...key, limit, cursor })),
    ]
    const lists = await Promise.all(reads.map((read) => read as Promise<readonly { id: string }[]>))
    expect(lists.map((items) => items.length)).toEqual([5, 4, 5, 1])
    for (const items of lists) expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
    expect((await host.organizations.list()).items).toHaveLength(5)
    expect((await host.organizations.list({ name: 'org 1' })).items).toHaveLength(1)
  })
})

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
