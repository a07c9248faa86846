import { describe, expect, test } from 'vitest'
import { CHAIN_START } from '../../src/model/chain.ts'
import type { Event } from '../../src/model/event.ts'
import type { Source } from '../../src/model/source.ts'
import { streamSink } from '../../src/sinks/stream-sink.ts'
import { seededNumbers } from '../lib/random.ts'
import { anEngine } from '../support/engine.ts'
import { expectNoSecret } from '../support/refusal.ts'
import { createVandal, truncate, vandalism } from '../support/vandal.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, HOME, loggedIn, loginAs, WRONG } from '../support/workload.ts'

type Expected = Partial<Omit<Event, 'source' | 'target'>> & {
  readonly source?: Source
  readonly target?: object
}

const organization = 'acme'

/** What people and workloads do, each with the one event that must tell of it. */
function operationsOf(workload: Workload, sourceOf: () => Source) {
  const { countersign, host, identity, secret } = workload
  const self = { kind: 'identity', id: identity.id } as const
  const actor = { kind: 'host', label: 'test' } as const
  const login = (clientSecret: string, source: Source) =>
    loginAs(workload, identity.id, clientSecret, source)
  const granted = async (source: Source): Promise<readonly [string, Expected]> => {
    const { accessToken, session } = await login(secret.clientSecret, source)
    const target = { kind: 'token', id: session }
    const details = { method: 'universal', revision: 1 }
    const event = { type: 'login.granted', organization, actor: self, target, source, details }
    return [accessToken, event as Expected]
  }
  return {
    async login() {
      return [(await granted(sourceOf()))[1]]
    },
    async wrongLogin() {
      const source = sourceOf()
      await login(WRONG, source).catch(() => undefined)
      const target = { kind: 'identity', id: identity.id }
      return [{ type: 'login.refused', organization, target, reason: 'wrong_secret', source }]
    },
    async renew() {
      const [token, first] = await granted(sourceOf())
      const source = sourceOf()
      await countersign.renew(token, source)
      return [first, { type: 'token.renewed', organization, actor: self, source }]
    },
    async revokedToken() {
      const [token, first] = await granted(sourceOf())
      await countersign.revoke(token, HOME)
      const source = sourceOf()
      await countersign.tryAuthenticate(token, source)
      const refused = {
        type: 'token.refused',
        organization,
        actor: self,
        reason: 'token_revoked',
        source,
      }
      return [first, { type: 'token.revoked', organization, actor: self }, refused]
    },
    async project() {
      const { id } = await host.projects.create({ organization, name: 'any' })
      await host.projects.delete({ organization, id })
      const target = { kind: 'project', id }
      return ['created', 'deleted'].map((verb) => ({
        type: `project.${verb}`,
        organization,
        actor,
        target,
      }))
    },
    async secret() {
      const { id } = await workload.another()
      await host.clientSecrets.revoke({ organization, id, reason: 'leaked' })
      const target = { kind: 'client_secret', id }
      const created = { type: 'client_secret.created', organization, actor, target }
      return [created, { ...created, type: 'client_secret.revoked', reason: 'leaked' }]
    },
    async denied() {
      const user = countersign.principalFor({ user: 'u_42', organization })
      await countersign
        .as(user)
        .projects.list({ organization })
        .catch(() => undefined)
      const who = { kind: 'user', id: 'u_42' }
      return [{ type: 'permission.denied', organization, actor: who, reason: 'forbidden' }]
    },
  } as unknown as Readonly<Record<string, () => Promise<readonly Expected[]>>>
}

describe('audit', () => {
  test('AUD-001 every decision has one event, with who, whose, what, why, from where, in which request', async () => {
    const workload = await aWorkload({ lockout: 'off' })
    await workload.countersign.ready()
    const before = (await workload.recorded()).length
    const random = seededNumbers(1)
    let requests = 0
    const sourceOf = (): Source => {
      requests += 1
      return { address: `192.0.2.${1 + (requests % 200)}`, requestId: `r-${requests}` }
    }
    const operations = Object.values(operationsOf(workload, sourceOf))
    const expected: Expected[] = []
    for (let count = 0; count < 500; count += 1) {
      workload.clock.advance(2)
      const operation = operations[Math.floor(random() * operations.length)]
      expected.push(...((await operation?.()) ?? []))
    }
    const events = (await workload.recorded()).slice(before)
    expect(events.length).toBe(expected.length)
    expect(events).toMatchObject(expected)
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    while (!(await workload.countersign.maintain()).done);
    expect(workload.sunk.slice(before, before + events.length)).toEqual(events)
  })

  for (const { does, edit, kind, index } of vandalism)
    test(`AUD-004 verification names the first event that is wrong where somebody ${does}`, async () => {
      const { events, vandal } = await aTrail(12)
      vandal.edit(organization, edit)
      const { fault } = await events.verify({ organization })
      expect(fault).toMatchObject({ organization, kind, index: index === 0 ? 10 : index })
    })

  test('AUD-004 a checkpoint that is kept elsewhere finds out who cut the tail off everywhere', async () => {
    const { events, vandal, host, countersign, storage } = await aTrail(12)
    const { checkpoint: early } = await storage.trail.chain(organization)
    for (let count = 0; count < 3; count += 1)
      await host.projects.create({ organization, name: `late ${count}` })
    await countersign.maintain()
    const { jws } = await events.checkpoint({ organization })
    await truncate(vandal, storage, { ...CHAIN_START, organization, index: 13 }, early)
    expect(await events.verify({ organization })).toMatchObject({ intact: true })
    const { fault } = await events.verify({ organization, checkpoints: [jws] })
    expect(fault).toEqual({ organization, kind: 'truncated', index: 14 })
  })

  test('AUD-005 nothing that a stranger sends makes a second line, a colour or a megabyte', async () => {
    let text = ''
    const stream = {
      write(chunk: Uint8Array, done: () => void) {
        text += new TextDecoder().decode(chunk)
        done()
      },
    }
    const engine = anEngine({ sinks: [streamSink({ name: 'log', stream })] })
    const workload = await aWorkload({ engine, lockout: 'off' })
    const nasty = '\n{"v":1,"type":"login.granted"}\r\u2028\u2029\u0085\u001b[31m\u202e"}\\\u0000'
    const texts = [
      nasty,
      'x'.repeat(1_000_000),
      `${'\u{1f600}'.repeat(127)}a\u{1f600}`,
      '\ud800',
      '',
    ]
    for (const [count, dirty] of texts.entries()) {
      const source = { address: dirty, requestId: dirty, userAgent: `${dirty}${count}` }
      await loginAs(workload, workload.identity.id, WRONG, source).catch(() => undefined)
      await loginAs(workload, dirty, WRONG, source).catch(() => undefined)
      await workload.countersign.tryAuthenticate(dirty, source)
    }
    workload.clock.advance(60)
    while (!(await workload.countersign.maintain()).done);
    expect(text).not.toMatch(/[^\n\P{C}]|\p{Zl}|\p{Zp}/u)
    const events: Event[] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const refused = events.filter(({ type }) => type === 'login.refused')
    expect(refused.length).toBeGreaterThan(texts.length)
    const notes = events.flatMap(({ source = {} }) => Object.values(source))
    expect(notes.every((note) => note.length <= 256)).toBe(true)
    expect(notes.filter((note) => note.length === 256).every((note) => note.endsWith('…'))).toBe(
      true,
    )
    expect(await workload.countersign.asHost('test').events.verify()).toMatchObject({
      intact: true,
      open: 0,
    })
  })

  test('AUD-007 eight writers and eight sequencers make one chain without a fork or a gap', async () => {
    const first = await aWorkload()
    const nodes = [first, ...Array.from({ length: 7 }, () => anEngine({ beside: first }))]
    const [event] = await first.recorded()
    if (event === undefined) throw new Error('there is no event')
    const before = (await first.recorded()).length
    await Promise.all(
      nodes.map(async ({ storage, countersign }, node) => {
        for (let count = 0; count < 1250; count += 1) {
          const id = `evt_${String(node * 1250 + count).padStart(26, '0')}` as const
          await storage.outbox.append([{ ...event, id, organization }])
          if (count % 50 === 0) await countersign.maintain()
        }
      }),
    )
    while (!(await first.countersign.maintain()).done);
    const rows = await first.storage.trail.read(0, 1_000_000)
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, place) => place + 1))
    const ids = rows.map((row) => row.event.id)
    expect(ids.length).toBeGreaterThanOrEqual(before + 10_000)
    expect(new Set(ids).size).toBe(ids.length)
    const verdict = await first.countersign.asHost('test').events.verify()
    expect(verdict).toMatchObject({ intact: true, open: 0 })
  })

  test('AUD-008 who probes the ids of another organization leaves a trace in its own trail alone', async () => {
    const engine = anEngine()
    const mine = await loggedIn({ engine })
    const theirs = await aWorkload({ engine, organization: 'other' })
    const { countersign } = engine
    const principal = await mine.authenticate()
    const { identities, clientSecrets } = countersign.as(principal)
    await countersign.maintain()
    const before = {
      mine: await trailOf(engine, organization),
      theirs: await trailOf(engine, 'other'),
    }
    const attempts = [
      () => identities.get({ organization, id: theirs.identity.id }),
      () => identities.get({ organization: 'other', id: theirs.identity.id }),
      () => clientSecrets.revoke({ organization, id: theirs.secret.id }),
      () => clientSecrets.revoke({ organization: 'other', id: theirs.secret.id }),
    ]
    for (const attempt of attempts)
      await expect(attempt()).rejects.toMatchObject({
        code: expect.stringMatching(/^(permission_denied|not_found)$/),
      })
    await countersign.maintain()
    expect(await trailOf(engine, 'other')).toEqual(before.theirs)
    const added = (await trailOf(engine, organization)).slice(0, -before.mine.length)
    expect(added.length).toBeGreaterThan(0)
    expect(JSON.stringify(added)).not.toMatch(
      new RegExp(`${theirs.identity.id}|${theirs.secret.id}|"other"`),
    )
  })

  test('AUD-009 from inside an organization the trail is read, and nothing more', async () => {
    const engine = anEngine()
    await aWorkload({ engine })
    await aWorkload({ engine, organization: 'other' })
    const { countersign } = engine
    await countersign.maintain()
    const everything = [{ role: 'admin' }, { rules: [{ allow: ['*'] as const }] }] as const
    for (const bindings of everything.map((binding) => [binding])) {
      const admin = countersign.as(
        countersign.principalFor({ user: 'u_1', organization, bindings }),
      )
      expect(Object.keys(admin.events)).toEqual(['list'])
      expect(Object.keys(admin).filter((name) => /sink|audit|trail|key/i.test(name))).toEqual([])
      const { items } = await admin.events.list({ organization })
      expect(items.length).toBeGreaterThan(0)
      for (const query of [{ organization: 'other' }, {}])
        await expect(admin.events.list(query)).rejects.toMatchObject({ code: 'not_found' })
    }
    const nobody = countersign.as(countersign.principalFor({ user: 'u_2', organization }))
    await expect(nobody.events.list({ organization })).rejects.toMatchObject({
      code: 'permission_denied',
      details: { permission: 'event:read' },
    })
  })

  test('AUD-010 a request id is kept short, plain and free of secrets', async () => {
    const login = await loggedIn({ lockout: 'off' })
    const { clientSecret } = login.secret
    const ids = [clientSecret, `x ${login.accessToken} y`, 'r'.repeat(10_000), 'a\nb', 'fine-1']
    for (const requestId of ids) {
      await login.login({ ...HOME, requestId, userAgent: requestId }).catch(() => undefined)
      await login.login({ ...HOME, requestId }, WRONG).catch(() => undefined)
      await login.countersign.tryAuthenticate(clientSecret, { ...HOME, requestId })
    }
    login.clock.advance(60)
    while (!(await login.countersign.maintain()).done);
    expectNoSecret(login, [login.sunk, await login.recorded()])
    const kept = (await login.recorded()).flatMap(({ source }) => source?.requestId ?? [])
    expect(new Set(kept)).toEqual(
      new Set(['[redacted]', 'x [redacted]', `${'r'.repeat(255)}…`, 'a\ufffdb', 'fine-1']),
    )
  })
})

/** An engine whose trail of one organization has so many events, covered by a checkpoint, and somebody who may spoil it. */
async function aTrail(events: number) {
  const vandal = createVandal()
  const engine = anEngine({ around: vandal.around })
  const { host, countersign, clock } = engine
  await host.organizations.create({ id: organization, name: 'Acme' })
  for (let count = 1; count < events; count += 1)
    await host.projects.create({ organization, name: `project ${count}` })
  await countersign.maintain()
  clock.advance(60)
  await countersign.maintain()
  return { ...engine, vandal, events: countersign.asHost('test').events }
}

async function trailOf({ countersign }: ReturnType<typeof anEngine>, of: string) {
  return (await countersign.asHost('test').events.list({ organization: of })).items
}
