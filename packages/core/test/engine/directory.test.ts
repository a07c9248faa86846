import { describe, expect, test } from 'vitest'
import { aHouse, allowing, anActor, aTarget, errorOf } from '../support/house.ts'

const organization = 'acme'
const project = 'one'

describe('directory.list()', () => {
  test('shows who is in a project: who belongs there, and who holds something there', async () => {
    const house = await aHouse()
    const visitor = await aTarget(house, [{ role: 'viewer', project }], { name: 'visitor' })
    const native = { organization, project, name: 'native' }
    const { identity } = await house.host.identities.create(native)
    await aTarget(house, [{ role: 'viewer', project: 'two' }], { name: 'stranger' })
    const { items, total } = await house.host.directory.list({ organization, project })
    expect(items.map(({ identity: { id } }) => id)).toEqual([identity.id, visitor.id])
    expect(total).toBe(2)
    expect(items[1]).toMatchObject({
      authMethods: ['universal'],
      lockedMethods: [],
      roles: [{ slug: 'viewer' }],
    })
  })

  test('cuts a page out of the order that was asked for, and counts them all', async () => {
    const house = await aHouse()
    for (const name of ['b', 'c', 'a', 'd']) await aTarget(house, [], { name })
    const page = { organization, offset: 1, limit: 2 }
    const names = async (query: object) => {
      const { items, total } = await house.host.directory.list({ ...page, ...query })
      return [...items.map(({ identity }) => identity.name), total]
    }
    expect(await names({})).toEqual(['b', 'c', 4])
    expect(await names({ descending: true })).toEqual(['c', 'b', 4])
  })

  test('reads no more than the rows of the page where nothing is searched', async () => {
    const read: number[] = []
    const house = await aHouse({
      around: (storage) => ({
        ...storage,
        identities: {
          ...storage.identities,
          async page(query) {
            const page = await storage.identities.page(query)
            read.push(page.rows.length)
            return page
          },
        },
      }),
    })
    for (const name of ['b', 'c', 'a', 'd'])
      await aTarget(house, [{ role: 'viewer', project }], { name })
    read.length = 0
    const query = { organization, offset: 2, limit: 1 }
    for (const scope of [{}, { project }]) {
      const { items, total } = await house.host.directory.list({ ...query, ...scope })
      expect([items.map(({ identity }) => identity.name), total]).toEqual([['c'], 4])
    }
    expect(read).toEqual([1, 1])
  })

  test('finds by name, by a part of it, and by role', async () => {
    const house = await aHouse()
    await aTarget(house, [{ role: 'admin' }], { name: 'Deploy web' })
    await aTarget(house, [], { name: 'deploy api' })
    await aTarget(house, [], { name: 'backup' })
    const found = async (...search: readonly object[]) =>
      (await house.host.directory.list({ organization, search })).items.map(
        ({ identity }) => identity.name,
      )
    expect(await found({ nameContains: 'DEPLOY' })).toEqual(['Deploy web', 'deploy api'])
    expect(await found({ names: ['backup', 'nobody'] })).toEqual(['backup'])
    expect(await found({ roles: ['admin'] })).toEqual(['Deploy web'])
    expect(await found({ roles: ['admin'] }, { names: ['backup'] })).toEqual([
      'Deploy web',
      'backup',
    ])
  })

  test('names those who hold more than the caller, and finds none of them by a condition', async () => {
    const house = await aHouse()
    await aTarget(house, [{ role: 'admin' }], { name: 'strong' })
    const { manage } = await anActor(house, 'a stored user', [allowing('identity:read')])
    const { items } = await manage.directory.list({ organization })
    expect(items).toEqual([
      {
        identity: { id: expect.any(String), name: 'strong' },
        restricted: true,
        roles: [],
        authMethods: [],
        lockedMethods: [],
      },
    ])
    const search = [{ roles: ['admin'] }]
    expect(await manage.directory.list({ organization, search })).toEqual({ items: [], total: 0 })
  })

  test('leaves out what the caller may not read of a weaker one', async () => {
    const house = await aHouse()
    const { id } = await aTarget(house)
    const { manage } = await anActor(house, 'a stored user', [allowing('identity:read')])
    const entry = await manage.directory.get({ organization, id })
    expect(entry).toMatchObject({ restricted: false, roles: [], authMethods: [] })
  })
})

describe('directory.get()', () => {
  test('knows nobody in a project where nothing is held, and no foreign organization', async () => {
    const house = await aHouse()
    const { id } = await aTarget(house)
    const { manage } = await anActor(house, 'a stored user', [{ role: 'admin' }])
    for (const place of [{ organization, project }, { organization: 'globex' }])
      expect(await errorOf(() => manage.directory.get({ ...place, id }))).toMatchObject({
        code: 'not_found',
      })
  })

  test('tells which methods are locked', async () => {
    const house = await aHouse()
    const { id } = await aTarget(house)
    const wrong = { clientSecret: 'cst_cs_wrong' }
    for (let attempt = 0; attempt < 3; attempt += 1)
      await errorOf(() =>
        house.countersign.login(
          { method: 'universal', identity: id, credential: wrong },
          { address: '192.0.2.1' },
        ),
      )
    const entry = await house.host.directory.get({ organization, id })
    expect(entry.lockedMethods).toEqual(['universal'])
  })
})
