import assert from 'node:assert/strict'
import type { Countersign } from '@countersign/core'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'
import { afterAll, beforeEach, describe, test } from 'vitest'
import { startChild } from '../support/children.ts'
import { openDatabase } from '../support/database.ts'
import { anEngine, aWorkload, logIn, source } from '../support/engine.ts'

const database = await openDatabase()
const soak = process.env['COUNTERSIGN_SOAK'] === '1'
const FLOOD = soak ? 1_000_000 : 20_000
const patience = soak ? 1_800_000 : 240_000
const MOST_CONNECTIONS = 4

/** What a node says after a flood. */
interface Told {
  /** Megabytes that its memory grew by, and went on to grow by with half as many more. */
  readonly grown: number
  readonly later: number
  readonly mostConnections: number
  /** Statements for each request. */
  readonly asked: number
  /** The 99th percentile of the delay of its event loop, in milliseconds. */
  readonly loop: number
  readonly codes: readonly string[]
  /** What became of a good token afterwards. */
  readonly known: string
}

describe.skipIf(database === undefined)('a node under a flood', () => {
  if (database === undefined) return
  const { pool, url } = database
  beforeEach(() => database.empty())
  afterAll(() => database.drop())

  async function flooded(kind: string): Promise<Told> {
    const child = await startChild('flooded.ts', [url, kind, String(FLOOD)])
    const told: Told = JSON.parse(await child.finish())
    assert.ok(told.grown < 64, `memory grew by ${told.grown} MB`)
    assert.ok(told.later < 16, `memory grew by another ${told.later} MB`)
    assert.ok(told.mostConnections <= MOST_CONNECTIONS, `${told.mostConnections} connections`)
    // Ten times what is promised.
    assert.ok(told.loop < 200, `the loop was late by ${told.loop} ms`)
    assert.equal(told.known, 'identity')
    return told
  }

  test(
    'DOS-001 keeps its memory, its connections and its turn, and asks nobody about four tokens of five',
    async () => {
      const { asked, codes } = await flooded('tokens')
      assert.deepEqual(codes, ['invalid_token'])
      // The fifth is well made, with its checksum, and only the authority knows that nobody has it.
      assert.ok(asked < 0.25, `${asked} statements for each`)
    },
    patience,
  )

  test(
    'DOS-001 asks once about each client id that nobody has, and keeps no more of them',
    async () => {
      const { asked, codes } = await flooded('ids')
      assert.deepEqual(codes, ['invalid_credential'])
      assert.ok(asked < 1.1, `${asked} statements for each`)
    },
    patience,
  )

  test('DOS-001 turns away whom its queue has no place for, and serves whom it knows', async () => {
    const small = new pg.Pool({ connectionString: url, max: 2 })
    small.on('error', () => undefined)
    const storage = postgresStorage({ pool: small, timeout: 20, maxWaiting: 100 })
    const countersign = await anEngine(small, { storage, cacheTtl: 60 })
    const workload = await aWorkload(countersign)
    const token = await logIn(countersign, workload)
    await countersign.authenticate(token, source)
    const crowd = Array.from({ length: 2000 }, () => outcomeOf(logIn(countersign, workload)))
    assert.equal(await outcomeOf(countersign.authenticate(token, source)), 'ok')
    const outcomes = await Promise.all(crowd)
    const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length
    assert.ok(count('ok') >= 100, `${count('ok')} came in`)
    assert.equal(count('ok') + count('unavailable'), outcomes.length)
    assert.ok(count('unavailable') >= 1000, `${count('unavailable')} were turned away`)
    assert.ok(small.totalCount <= 2)
    assert.equal(await outcomeOf(logIn(countersign, workload)), 'ok')
    await small.end()
  }, 60_000)

  test('DOS-003 asks Postgres once, when what 1,000 requests knew of a token ends at once', async () => {
    const { asked, countersign, token } = await aStampede(1)
    await countersign.authenticate(token, source)
    await stale(countersign, token)
    asked.count = 0
    const requests = Array.from({ length: 1000 }, () => countersign.authenticate(token, source))
    await Promise.all(requests)
    assert.equal(asked.count, 1)
  })

  test('DOS-003 asks Postgres each time, where a host wants no answer twice', async () => {
    const { asked, countersign, token } = await aStampede(0)
    asked.count = 0
    await Promise.all(Array.from({ length: 50 }, () => countersign.authenticate(token, source)))
    assert.equal(asked.count, 50)
  })

  /** A workload that is logged in, and a count of what its engine asks. */
  async function aStampede(cacheTtl: number) {
    const asked = { count: 0 }
    const connect = async () => {
      const connection = await pool.connect()
      return {
        query(query: pg.QueryConfig) {
          asked.count += 1
          return connection.query(query)
        },
        release: (error?: Error | boolean) => connection.release(error),
      }
    }
    const storage = postgresStorage({ pool: { connect } as never, timeout: 20 })
    const countersign = await anEngine(pool, { storage, cacheTtl })
    const workload = await aWorkload(countersign)
    return { asked, countersign, workload, token: await logIn(countersign, workload) }
  }
})

/** Ends what a node knows of a token, as a message of another node would. */
async function stale(countersign: Countersign, token: string): Promise<void> {
  const { organization, identity } = await countersign.authenticate(token, source)
  const update = { organization, id: identity, name: 'another name' }
  await countersign.asHost('test').identities.update(update as never)
}

async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'ok'
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error)
  }
}
