import { randomBytes } from 'node:crypto'
import { aws } from '@countersign/aws'
import { createCountersign } from '@countersign/core'
import { migrate, postgresStorage } from '@countersign/postgres'
import { fakeSts } from '@countersign/testing/fakes'
import { createDatabase, serverUrl, startProgram } from '@countersign/testkit'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { ACCOUNT, AUDIENCE, ROLE_ARN } from '../support/names.ts'
import { signPost } from '../support/sign.ts'
import { closing } from '../support/world.ts'

const REPLAY = new URL('../children/replay.ts', import.meta.url)
const PROCESSES = 4
const TIMES = 25
const PATIENCE = 120_000
const server = await serverUrl(inject('servers'), 'postgres-18')

describe.skipIf(server === undefined)('four processes on one Postgres', () => {
  test(
    'AWS-007 a request that a hundred logins show at once opens one of them',
    async () => {
      const { outcomes, events, asked } = await replay('honest')
      expect(outcomes).toEqual({
        granted: 1,
        'invalid_credential evidence_replayed': PROCESSES * TIMES - 1,
      })
      expect(events).toBe(1)
      // Each of them was true to STS: only the mark tells them apart.
      expect(asked).toBe(PROCESSES * TIMES)
    },
    PATIENCE,
  )

  test(
    'AWS-007 and opens all of them on a storage that reads the mark and then writes it',
    async () => {
      const { outcomes } = await replay('naive')
      expect(outcomes).toEqual({ granted: PROCESSES * TIMES })
    },
    PATIENCE,
  )
})

/** Lets each process show the same request, when all of them have verified it and nobody has left a mark. */
async function replay(kind: 'honest' | 'naive') {
  const { url, drop } = await createDatabase(server ?? '')
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => undefined)
  closing({ close: () => pool.end().then(drop) })
  await migrate(pool)
  const sts = closing(await fakeSts())
  const endpoint = { url: sts.url, ca: sts.ca }
  const rootKey = randomBytes(32).toString('base64url')
  const countersign = createCountersign({
    issuer: 'https://id.example.com',
    rootKeys: [rootKey],
    storage: postgresStorage({ pool, timeout: 60 }),
    verifiers: [aws({ audience: AUDIENCE, endpoints: [endpoint] })],
  })
  await countersign.ready()
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const authMethod = { method: 'aws', policy: { principals: [ROLE_ARN] }, lockout: 'off' } as const
  const made = await host.identities.create({ organization: 'acme', name: 'worker', authMethod })
  const credential = await signPost(sts.assumeRole(ACCOUNT, 'app'))
  const given = { url, rootKey, endpoint, identity: made.identity.id, credential }
  const children = await Promise.all(
    Array.from({ length: PROCESSES }, () =>
      startProgram(REPLAY, [JSON.stringify({ ...given, times: TIMES, kind })]),
    ),
  )
  const answers = await Promise.all(children.map((child) => child.finish()))
  const granted = await pool.query(
    `SELECT FROM (SELECT event FROM countersign.outbox UNION ALL SELECT event FROM countersign.events) AS e
     WHERE event ->> 'type' = 'login.granted'`,
  )
  return {
    outcomes: sum(answers.map((answer) => JSON.parse(answer) as Record<string, number>)),
    events: granted.rowCount,
    asked: sts.asked().length,
  }
}

function sum(all: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const one of all)
    for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count
  return total
}
