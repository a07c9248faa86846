import { describe, expect, test } from 'vitest'
import type { EventList } from '../../src/input/event.ts'
import { later } from '../../src/lib/time.ts'
import type { Event } from '../../src/model/event.ts'
import { anEngine } from '../support/engine.ts'
import { aBearer } from '../support/static-token.ts'
import { aWorkload, loggedIn } from '../support/workload.ts'

const organization = 'acme'

/** A trail of two organizations, sealed. */
async function aSealedTrail() {
  const engine = anEngine()
  const workload = await loggedIn({ engine })
  engine.clock.advance(10)
  await workload.login()
  await aWorkload({ engine, organization: 'other' })
  await engine.countersign.maintain()
  const { events } = engine.countersign.asHost('test')
  const types = async (query: EventList) => (await events.list(query)).items.map(({ type }) => type)
  return { ...workload, events, types }
}

describe('events.list()', () => {
  test('shows the sealed events of one organization, the newest first', async () => {
    const { events, recorded } = await aSealedTrail()
    const mine = (await recorded()).filter((event) => event.organization === organization)
    expect(await events.list({ organization })).toEqual({ items: [...mine].reverse() })
    expect((await events.list({ organization: 'unknown' })).items).toEqual([])
  })

  test('shows what belongs to no organization on the host’s word', async () => {
    const { types } = await aSealedTrail()
    expect(await types({})).toEqual(['signing_key.created'])
  })

  test('shows what every condition matches', async () => {
    const { types, identity, clock } = await aSealedTrail()
    const id = identity.id
    const granted = 'login.granted'
    expect(await types({ organization, type: granted })).toEqual([granted, granted])
    expect(await types({ organization, identity: id })).toEqual([
      granted,
      granted,
      'client_secret.created',
      'auth_method.attached',
      'role_binding.created',
      'identity.created',
    ])
    expect(await types({ organization, identity: id, since: clock.now() })).toEqual([granted])
    expect(await types({ organization, type: granted, until: clock.now() })).toEqual([granted])
    const since = later(clock.now(), 0.001)
    expect(await types({ organization, since })).toEqual([])
    expect(await types({ organization: 'other', identity: id })).toEqual([])
  })

  test('shows by identity what became of its client secrets and static tokens', async () => {
    const engine = anEngine()
    const { host, countersign, clock } = engine
    const { identity, secret, another } = await aWorkload({ engine })
    const bearer = await aBearer({ engine })
    await host.clientSecrets.rotate({ organization, id: secret.id, overlap: 60 })
    clock.advance(60)
    await countersign.maintain()
    const other = await another()
    await host.clientSecrets.revoke({ organization, id: other.id })
    await host.clientSecrets.delete({ organization, id: other.id })
    await host.staticTokens.update({ ...bearer.key, name: 'other' })
    await host.staticTokens.revoke(bearer.key)
    await host.staticTokens.delete(bearer.key)
    await countersign.maintain()
    const about = async (id: string) => {
      const { items } = await host.events.list({ organization, identity: id })
      return items.flatMap(
        ({ type }) => /^(client_secret|static_token)\.(.*)/.exec(type)?.[2] ?? [],
      )
    }
    expect(await about(bearer.identity.id)).toEqual(['deleted', 'revoked', 'updated', 'created'])
    expect(await about(identity.id)).toEqual([
      'deleted',
      'revoked',
      'created',
      'expired',
      'created',
      'rotated',
      'created',
    ])
  })

  test('shows each event once, whatever the limit cuts it into', async () => {
    const { events } = await aSealedTrail()
    const all = (await events.list({ organization })).items
    for (const limit of [1, 2, all.length - 1, all.length]) {
      const seen: Event[] = []
      let cursor: string | undefined
      do {
        const page = await events.list({ organization, limit, cursor })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        seen.push(...page.items)
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(seen).toEqual(all)
    }
  })

  test('takes a cursor for the list that it came from, and for no other', async () => {
    const { events, host } = await aSealedTrail()
    const { cursor } = await events.list({ organization, limit: 1 })
    const { cursor: foreign } = await host.organizations.list({ limit: 1 })
    const queries = [
      { organization: 'other', cursor },
      { organization, type: 'login.granted', cursor } as const,
      { organization, since: new Date('2026-01-01'), cursor },
      { organization, cursor: foreign },
      { organization, cursor: 'x' },
    ]
    for (const query of queries)
      await expect(events.list(query)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('refuses what is no question', async () => {
    const { events } = await aSealedTrail()
    for (const wrong of [
      { organization: '' },
      { organization, type: 'LOGIN' },
      { organization, since: 'today' },
      { organization, limit: 101 },
      { organization, actor: 'x' },
    ])
      await expect(events.list(wrong as never)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('shows what somebody with event:read may see, in its own organization', async () => {
    const { countersign, events } = await aSealedTrail()
    const bindings = [{ rules: [{ allow: ['event:read'] }] }] as const
    const auditor = countersign.as(
      countersign.principalFor({ user: 'u_7', organization, bindings }),
    )
    expect(await auditor.events.list({ organization })).toEqual(await events.list({ organization }))
  })
})
