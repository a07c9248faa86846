import { readFile } from 'node:fs/promises'
import type { TestDatabase } from '@countersign/testkit'
import { createDatabase, serverUrl } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { changedLines, differences } from './diff.ts'
import type { Host } from './host.ts'
import { aRootKey, start } from './host.ts'
import type { Visitor } from './visit.ts'
import { aWorkload, PASSWORD, signIn, visitor } from './visit.ts'

const postgres = await serverUrl(inject('servers'), 'postgres-18')
const PAGE = new URL('../../../docs/guides/embedding.md', import.meta.url)
const LONG = 120_000

describe('the difference', () => {
  test('is what the page shows, letter by letter', async () => {
    const [, shown] = /^```diff\n(.*?)^```$/ms.exec(await readFile(PAGE, 'utf8')) ?? []
    expect(shown).toBe(differences())
  })

  test('is under 80 lines', () => {
    const changed = changedLines(differences())
    expect(changed.length).toBeGreaterThan(20)
    expect(changed.length).toBeLessThan(80)
  })

  test('counts what is written and what is taken away, and no name of a file', () => {
    const diff = '--- before/a.js\n+++ after/a.js\n@@ -1,2 +1,2 @@\n-one\n+two\n+\n three\n'
    expect(changedLines(diff)).toEqual(['-one', '+two', '+'])
  })
})

describe.skipIf(postgres === undefined)('the app before', () => {
  let database: TestDatabase
  let host: Host

  beforeAll(async () => {
    database = await createDatabase(postgres ?? '')
    host = await start('before', database.url, { rootKey: '' })
  }, LONG)

  afterAll(async () => {
    await host.stop()
    await database.drop()
  })

  test('keeps reports of organizations apart, and knows people alone', { timeout: LONG }, () =>
    visitAsPeople(host.url),
  )

  test('has no door for workloads', async () => {
    const login = { clientId: 'any', clientSecret: 'any' }
    const { post } = visitor(host.url, { accept: 'application/json' })
    await expect(post('/api/v1/auth/universal-auth/login', login)).rejects.toThrow(SyntaxError)
  })
})

describe.skipIf(postgres === undefined)('the app after', () => {
  let database: TestDatabase
  let host: Host
  let early: Visitor

  beforeAll(async () => {
    database = await createDatabase(postgres ?? '')
    const rootKey = aRootKey()
    const before = await start('before', database.url, { rootKey })
    early = await anAccount(before.url, 'Early', 'early@example.com')
    await early.post('/reports', { title: 'From before' })
    expect(await before.stop()).toEqual({ code: 0, stderr: '' })
    host = await start('after', database.url, { rootKey })
    early = await signIn(host.url, 'early@example.com')
  }, LONG)

  afterAll(async () => {
    const { code } = await host.stop()
    await database.drop()
    expect(code).toBe(0)
  }, LONG)

  test('does for people what it did', { timeout: LONG }, () => visitAsPeople(host.url))

  test('knows the organizations that were there before it', { timeout: LONG }, async () => {
    expect((await early.get('/reports')).body).toMatchObject([{ title: 'From before' }])
    const workload = await aWorkload(host.url, early, 'viewer')
    expect((await workload.get('/reports')).body).toMatchObject([{ title: 'From before' }])
  })

  test('lets workloads do what their role says, in their own organization', async () => {
    const person = await anAccount(host.url, 'Acme', 'ada@acme.example')
    await person.post('/reports', { title: 'Of Acme' })
    const viewer = await aWorkload(host.url, person, 'viewer')
    expect((await viewer.get('/reports')).body).toMatchObject([{ title: 'Of Acme' }])
    const refused = await viewer.post('/reports', { title: 'By a viewer' })
    expect(refused).toMatchObject({
      status: 403,
      body: { details: { permission: 'report:write' } },
    })
    const member = await aWorkload(host.url, person, 'member')
    expect((await member.post('/reports', { title: 'By a member' })).status).toBe(201)
    expect((await person.get('/reports')).body).toMatchObject([
      { title: 'Of Acme' },
      { title: 'By a member' },
    ])
  })

  test('lets no page of another site, and nobody but administrators, register a workload', async () => {
    const admin = await anAccount(host.url, 'Strict', 'admin@strict.example')
    const email = 'member@strict.example'
    expect((await admin.post('/users', { email, password: PASSWORD })).status).toBe(204)
    const member = await signIn(host.url, email)
    const wanted = { name: 'more', role: 'member' }
    expect((await member.post('/api/v1/identities', wanted)).status).toBe(403)
    const { headers } = await visitor(host.url).post('/signin', { email, password: PASSWORD })
    const [cookie = ''] = headers.get('set-cookie')?.split(';') ?? []
    const elsewhere = visitor(host.url, { cookie, 'sec-fetch-site': 'cross-site' })
    expect((await elsewhere.post('/api/v1/identities', wanted)).status).toBe(403)
    expect((await visitor(host.url).post('/api/v1/identities', wanted)).status).toBe(401)
  })

  test('makes both organizations at a sign-up, or neither', { timeout: LONG }, async () => {
    const email = 'twice@example.com'
    await anAccount(host.url, 'First', email)
    const again = { organization: 'Second', email, password: PASSWORD }
    const response = await fetch(`${host.url}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(again),
    })
    expect(response.status).toBe(500)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query(
      `SELECT o.name, c.name AS ours FROM organizations o
       FULL JOIN countersign.organizations c ON c.id = o.id::text`,
    )
    await client.end()
    expect(rows.filter(({ name, ours }) => name !== ours)).toEqual([])
    expect(rows.map(({ name }) => name)).toContain('First')
    expect(rows.map(({ name }) => name)).not.toContain('Second')
  })
})

async function anAccount(url: string, organization: string, email: string): Promise<Visitor> {
  const account = { organization, email, password: PASSWORD }
  expect((await visitor(url).post('/signup', account)).status).toBe(201)
  return signIn(url, email)
}

/** What people did before, and do after. */
async function visitAsPeople(url: string): Promise<void> {
  const one = await anAccount(url, 'One', 'one@example.com')
  const two = await anAccount(url, 'Two', 'two@example.com')
  expect((await one.post('/reports', { title: 'Quarter' })).status).toBe(201)
  expect((await one.get('/reports')).body).toMatchObject([{ title: 'Quarter' }])
  expect((await two.get('/reports')).body).toEqual([])
  expect((await visitor(url).get('/reports')).status).toBe(401)
  const wrong = { email: 'one@example.com', password: 'guess' }
  expect((await visitor(url).post('/signin', wrong)).status).toBe(401)
  const member = { email: 'member@example.com', password: PASSWORD }
  expect((await one.post('/users', member)).status).toBe(204)
  const colleague = await signIn(url, member.email)
  expect((await colleague.get('/reports')).body).toMatchObject([{ title: 'Quarter' }])
  expect((await colleague.post('/users', { ...member, email: 'x@example.com' })).status).toBe(403)
}
