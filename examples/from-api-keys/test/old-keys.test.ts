import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventsOf } from '@countersign/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { adopt, move } from '../src/adopt.ts'
import { createApp } from '../src/app.ts'
import type { OldKey } from '../src/old-keys.ts'
import { createOldKeys, digestOf } from '../src/old-keys.ts'
import type { World } from './world.ts'
import { aWorld, HOME, organization } from './world.ts'

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

test('the guide shows the code of this folder, letter by letter', async () => {
  const page = await read('../../../docs/guides/from-api-keys.md')
  const shown = [...page.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)]
  const files = await readdir(new URL('../src', import.meta.url))
  expect(shown.map(([, name]) => name).sort()).toEqual(files.sort())
  for (const [, name, code] of shown) expect(code).toBe(await read(`../src/${name}`))
})

const KEY = 'old_7f3a'
const ROW = { id: 7, organization, label: 'Nightly export', projects: ['web'] }
const DEPRECATED = new Date('2026-03-01T00:00:00Z')
const SUNSET = new Date('2026-03-02T12:00:00Z')

let world: World
let row: OldKey
let url: string
let close: () => void

beforeEach(async () => {
  world = await aWorld()
  const identity = await adopt(world.countersign, ROW)
  row = { organization, identity, deprecated: DEPRECATED, sunset: SUNSET }
  const table = new Map([[digestOf(KEY), row]])
  const oldKeys = createOldKeys(
    { find: async (digest) => table.get(digest) },
    world.clock.now,
    'https://api.example.com/docs/moving',
  )
  const server = createServer(createApp(world.countersign, oldKeys)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => server.close()
})

afterEach(() => close())

const ask = (headers: Record<string, string>, path = '/projects/web/reports') =>
  fetch(`${url}${path}`, { headers })

test('an old key opens what it was made for, and says until when', async () => {
  const answer = await ask({ 'x-api-key': KEY })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('deprecation')).toBe('@1772323200')
  expect(answer.headers.get('sunset')).toBe('Mon, 02 Mar 2026 12:00:00 GMT')
  expect(answer.headers.get('link')).toContain('rel="deprecation"')
  const elsewhere = await ask({ 'x-api-key': KEY }, '/projects/api/reports')
  expect([elsewhere.status, elsewhere.headers.get('sunset')]).toEqual([403, SUNSET.toUTCString()])
  expect((await ask({ 'x-api-key': KEY }, '/invoices')).status).toBe(403)
})

test.each([
  ['no key', {}],
  ['a wrong key', { 'x-api-key': 'old_7f3b' }],
  ['an empty key', { 'x-api-key': '' }],
])('%s opens nothing, and is told of no sunset', async (_what, headers) => {
  const answer = await ask(headers)
  expect([answer.status, answer.headers.get('sunset')]).toEqual([401, null])
})

test('an old key opens nothing from the very instant of its sunset', async () => {
  world.clock.advance((SUNSET.getTime() - world.clock.now().getTime()) / 1000 - 1)
  expect((await ask({ 'x-api-key': KEY })).status).toBe(200)
  world.clock.advance(1)
  const answer = await ask({ 'x-api-key': KEY })
  expect([answer.status, answer.headers.get('sunset')]).toEqual([401, null])
})

test('adopting twice makes one identity, with one role', async () => {
  expect(await adopt(world.countersign, ROW)).toBe(row.identity)
  const { items } = await world.host.identities.list({ organization })
  expect(items.map(({ slug }) => slug)).toEqual(['api-key-7'])
  const subject = { identity: row.identity }
  const inWeb = { organization, project: 'web', subject }
  expect((await world.host.roleBindings.list(inWeb)).items).toHaveLength(1)
})

test('key and token of one identity open the same, and end together', async () => {
  const { clientId, clientSecret } = await move(world.countersign, organization, row.identity)
  const credential = { clientSecret }
  const request = { method: 'universal', identity: clientId, credential } as const
  const { accessToken } = await world.countersign.login(request, HOME)
  const both = async (path?: string) => {
    const headers = [{ 'x-api-key': KEY }, { authorization: `Bearer ${accessToken}` }]
    return Promise.all(headers.map(async (each) => (await ask(each, path)).status))
  }
  expect(await both()).toEqual([200, 200])
  const held = { organization, identity: row.identity }
  await world.host.projects.add({ ...held, project: 'api', roles: ['viewer'] })
  expect(await both('/projects/api/reports')).toEqual([200, 200])
  await world.host.identities.update({ organization, id: row.identity, disabled: true })
  expect(await both()).toEqual([401, 401])
})

test('whoever has moved goes on after the sunset', async () => {
  const { clientId, clientSecret } = await move(world.countersign, organization, row.identity)
  world.clock.advance(2 * 86_400)
  const credential = { clientSecret }
  const request = { method: 'universal', identity: clientId, credential } as const
  const { accessToken } = await world.countersign.login(request, HOME)
  expect((await ask({ authorization: `Bearer ${accessToken}` })).status).toBe(200)
  expect((await ask({ 'x-api-key': KEY })).status).toBe(401)
})

test('a token decides where both are shown, and a bad one is refused', async () => {
  const answer = await ask({ 'x-api-key': KEY, authorization: 'Bearer nothing.of.ours' })
  expect(answer.status).toBe(401)
})

test('an old key manages nothing, and leaves no login in the trail', async () => {
  await world.host.roleBindings.create({
    organization,
    subject: { identity: row.identity },
    role: 'admin',
  })
  expect((await ask({ 'x-api-key': KEY }, '/api/v1/identities')).status).toBe(401)
  expect((await ask({ 'x-api-key': KEY })).status).toBe(200)
  const types = (await eventsOf(world.countersign)).map(({ type }) => type)
  expect(types.filter((type) => /^(login|token)\./.test(type))).toEqual([])
})
