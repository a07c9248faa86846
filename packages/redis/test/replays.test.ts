import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { FakeIssuer } from '@countersign/testing/fakes'
import { fakeIssuer } from '@countersign/testing/fakes'
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest'
import { ownPrefix, redisUrl } from './support/clients.ts'
import { openDatabase } from './support/database.ts'
import type { NodeProcess, NodeSettings } from './support/processes.ts'
import { startProcess } from './support/processes.ts'

const database = await openDatabase()
const redis = await redisUrl()
const soak = process.env['COUNTERSIGN_SOAK'] === '1'
const PROCESSES = 4
const AUDIENCE = 'https://id.example.com'
const TIMEOUT = soak ? 600_000 : 180_000

describe.skipIf(database === undefined || redis === undefined)('tokens at four processes', () => {
  if (database === undefined || redis === undefined) return
  const rootKey = randomBytes(32).toString('base64url')
  let issuer: FakeIssuer
  let nodes: readonly NodeProcess[] = []

  beforeAll(async () => {
    await database.empty()
    issuer = await fakeIssuer()
  })
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    nodes = []
  })
  afterAll(async () => {
    await issuer.close()
    await database.drop()
  })

  /** Starts the processes; answers an identity that logs in by tokens of the issuer. */
  async function started(marks: NonNullable<NodeSettings['marks']>): Promise<string> {
    const places = { database: database?.url ?? '', redis: redis ?? '', prefix: ownPrefix() }
    // A busy machine must not make Redis look as if it were away.
    const rest = { cacheTtl: 1, channel: 'none', timeout: 30 } as const
    const settings = { ...places, ...rest, rootKey, marks }
    nodes = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(settings)))
    const [node] = nodes
    assert.ok(node)
    await node.get('host', 'organizations.ensure', { id: 'acme', name: 'Acme' })
    const policy = {
      issuer: issuer.url,
      jwksUrl: issuer.jwksUrl,
      audiences: [AUDIENCE],
      subject: 'job',
      replay: 'jti',
    }
    const authMethod = { method: 'jwt', policy, lockout: 'off' }
    const made = { organization: 'acme', name: 'job', authMethod }
    const { identity } = await node.get<{ identity: { id: string } }>(
      ...(['host', 'identities.create', made] as const),
    )
    return identity.id
  }

  const sign = () => issuer.sign({ aud: AUDIENCE, sub: 'job' })

  /** Has all processes do the same at once; answers what came of it in all. */
  async function all(
    verb: 'present' | 'flood',
    identity: string,
    token: string,
    times: number,
  ): Promise<Readonly<Record<string, number>>> {
    const told = await Promise.all(
      nodes.map((node) => node.get<Record<string, number>>(verb, identity, token, String(times))),
    )
    const total: Record<string, number> = {}
    for (const outcomes of told)
      for (const [name, count] of Object.entries(outcomes)) total[name] = (total[name] ?? 0) + count
    return total
  }

  /** What one token after the other comes to, each presented 200 times at once. */
  async function race(marks: NonNullable<NodeSettings['marks']>) {
    const identity = await started(marks)
    const rounds: Readonly<Record<string, number>>[] = []
    for (let round = 0; round < (soak ? 50 : 10); round += 1)
      rounds.push(await all('present', identity, sign(), 200 / PROCESSES))
    return rounds
  }

  for (const marks of ['storage', 'redis'] as const)
    test(
      `JWT-028 exactly one login comes of a token that four processes are shown 200 times at once, with marks in ${marks === 'redis' ? 'Redis' : 'Postgres'}`,
      async () => {
        const once = { granted: 1, 'invalid_credential evidence_replayed': 199 }
        for (const outcomes of await race(marks)) assert.deepEqual(outcomes, once)
      },
      TIMEOUT,
    )

  test(
    'several logins come of it where every process remembers by itself',
    async () => {
      const granted = (await race('own')).map((outcomes) => outcomes['granted'] ?? 0)
      assert.ok(
        granted.some((count) => count > 1),
        granted.join(),
      )
    },
    TIMEOUT,
  )

  test(
    'JWT-016 a flood of unknown keys at four processes makes each ask once per cool-down, and keeps nobody else waiting',
    async () => {
      const identity = await started('storage')
      const before = issuer.asked().length
      const began = performance.now()
      const flooding = all('flood', identity, sign(), (soak ? 10_000 : 4000) / PROCESSES)
      let over = false
      const ended = flooding.finally(() => {
        over = true
      })
      const honest: object[] = []
      while (!over)
        for (const node of nodes) {
          honest.push(await node.get<object>('present', identity, sign(), '1'))
        }
      const outcomes = await ended
      assert.deepEqual(Object.keys(outcomes), ['invalid_credential unknown_key'])
      assert.ok(honest.length >= PROCESSES)
      for (const outcome of honest) assert.deepEqual(outcome, { granted: 1 })
      const asked = issuer.asked().length - before
      const coolDowns = 1 + Math.ceil((performance.now() - began) / 30_000)
      assert.ok(asked >= PROCESSES, `${asked} fetches`)
      assert.ok(asked <= PROCESSES * (1 + coolDowns), `${asked} fetches`)
      // Refusals beyond 60 a minute are told by counts.
      const rows = await database.pool.query(
        `SELECT count(*)::int AS count FROM (
           SELECT event FROM countersign.outbox UNION ALL SELECT event FROM countersign.events
         ) AS told WHERE event->>'type' = 'login.refused' AND event->'target'->>'id' = $1`,
        [identity],
      )
      const minutes = 1 + Math.ceil((performance.now() - began) / 60_000)
      assert.ok(rows.rows[0].count <= PROCESSES * minutes * 70, `${rows.rows[0].count} rows`)
    },
    TIMEOUT,
  )
})
