import assert from 'node:assert/strict'
import type { Storage, TrailFilter } from '@countersign/core/plugin'
import type { PostgresPool } from '@countersign/postgres'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'
import { eventsOf, putCheckpoint, seal } from './support/sealing.ts'

const database = await openDatabase()
const MARCH = new Date('2026-03-12T00:00:00.000Z')
const since = new Date('2026-02-10T00:00:00.000Z')

type Verb = (storage: Storage) => unknown

const organization = 'org-7'
const identity = 'idn_3'
const type = 'login.granted'
const before = 900

/** What the trail is asked, and the indices without which it would read a table from end to end. */
const verbs: Readonly<Record<string, readonly [Verb, ...(readonly string[])]>> = {
  'open, with a backlog': [({ trail }) => trail.open(500), 'outbox_pkey', 'chains_pkey'],
  'read, as a sink does': [({ trail }) => trail.read(29_000, 500), 'events_2026_01_pkey'],
  'links, as verification does': [
    ({ trail }) => trail.links(organization, 700, 500),
    'organization_index_sealed_at',
  ],
  chain: [({ trail }) => trail.chain(organization), 'chains_pkey', 'outbox_by_organization'],
  organizations: [({ trail }) => trail.organizations('org-3', 500), 'chains_pkey'],
  'page of an organization': [
    ({ trail }) => trail.page({ filter: { organization }, limit: 101 }),
    'organization_index_sealed_at',
  ],
  'page of an organization, further on': [
    ({ trail }) => trail.page({ filter: { organization, since }, before, limit: 101 }),
    'organization_index_sealed_at',
  ],
  'page of a type': [
    ({ trail }) => trail.page({ filter: { organization, type }, before, limit: 101 }),
    'organization_type_index',
  ],
  'page of an identity': [
    ({ trail }) => trail.page({ filter: { organization, identity }, before, limit: 101 }),
    'organization_actor_identity_index',
    'organization_target_identity_index',
    'organization_named_identity_index',
  ],
  'page of an identity and a type': [
    ({ trail }) => trail.page({ filter: { organization, identity, type }, limit: 101 }),
    'organization_actor_identity_index',
  ],
  unchecked: [
    ({ trail }) =>
      trail.unchecked({ events: 1000, since: MARCH, forgetBefore: since, kid: 'key-2' }, 100),
    'chains_by_age',
    'chains_by_growth',
    'chains_by_kept',
    'chains_by_key',
  ],
  checkpoint: [(storage) => putCheckpoint(storage, organization, 500), 'chains_pkey'],
  seal: [(storage) => seal(storage, MARCH), 'outbox_pkey'],
}

describe.skipIf(database === undefined)('plans of the trail', () => {
  if (database === undefined) return
  const { pool } = database
  const asked: pg.QueryConfig[] = []
  const storage = postgresStorage({ pool: listening(pool, asked), timeout: 20 })
  beforeAll(async () => {
    await database.empty()
    await pool.query(FILL)
    const open = Array.from({ length: 20 }, (_, place) => eventsOf(`org-${place}`, 100))
    await storage.outbox.append(open.flat())
    await pool.query('ANALYZE')
  }, 60_000)
  afterAll(() => database.drop())

  for (const [name, [verb, ...indices]] of Object.entries(verbs))
    test(`trail: ${name} reads no table from end to end`, async () => {
      asked.length = 0
      await verb(storage)
      const plan = await planOf(asked.at(-1))
      const scanned = plan.match(/Seq Scan on (?!stream)\w+/g) ?? []
      assert.deepEqual(scanned, [], plan)
      for (const index of indices) assert.ok(plan.includes(index), `${index} is not in ${plan}`)
    })

  test('trail: a page is read in the order of its index, not sorted', async () => {
    const filters: readonly TrailFilter[] = [{ organization }, { organization, type }]
    for (const filter of filters) {
      asked.length = 0
      await storage.trail.page({ filter, before, limit: 101 })
      assert.doesNotMatch(await planOf(asked.at(-1)), /Sort Key: e\w*\.index(?! DESC)|->\s+Sort/)
    }
  })

  test('trail: a page since an instant opens no month that was over before', async () => {
    const months = async (filter: TrailFilter) => {
      asked.length = 0
      await storage.trail.page({ filter, limit: 101 })
      const found = (await planOf(asked.at(-1))).matchAll(/events_(2026_\d\d)_/g)
      return [...new Set([...found].map(([, month]) => month))].sort()
    }
    const all = ['2026_01', '2026_02', '2026_03', '2026_04']
    assert.deepEqual(await months({ organization }), all)
    assert.deepEqual(await months({ organization, since }), all.slice(1))
    assert.deepEqual(await months({ organization, since: MARCH }), all.slice(2))
  })

  /** The plan that is made once for all values: what a prepared statement of a busy node runs on. */
  async function planOf(query: pg.QueryConfig | undefined): Promise<string> {
    assert.ok(query)
    const client = await pool.connect()
    try {
      await client.query('SET plan_cache_mode = force_generic_plan')
      await client.query(`PREPARE planned AS ${query.text}`)
      const values = (query.values ?? []).map(toLiteral).join(', ')
      const { rows } = await client.query(`EXPLAIN (COSTS OFF) EXECUTE planned (${values})`)
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    } finally {
      client.release(true)
    }
  }
})

/** Twenty organizations with 1,500 events in three months, and 20,000 that are quiet. */
const FILL = `
  SELECT countersign.open_months(m) FROM unnest(ARRAY[
    1767225600000, 1769904000000, 1772323200000
  ]) AS m;
  INSERT INTO countersign.events (position, index, sealed_at, hash, event)
  SELECT p, (p - 1) / 20 + 1, 1767225600000 + p * 200000::bigint, 'hash', json_build_object(
    'v', 1, 'id', 'evt_' || p, 'type', (ARRAY['login.granted', 'token.renewed'])[p % 2 + 1],
    'at', to_char(to_timestamp(1767225600 + p * 200) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'organization', 'org-' || (p - 1) % 20,
    'actor', json_build_object('kind', 'identity', 'id', 'idn_' || p % 7),
    'target', json_build_object('kind', (ARRAY['identity', 'token'])[p % 2 + 1], 'id', 'idn_' || p % 5),
    'details', json_build_object('identity', 'idn_' || p % 3)
  ) FROM generate_series(1, 30000) AS p;
  INSERT INTO countersign.chains (organization, index, hash, unchecked_since, kept_since)
  SELECT 'org-' || n, 1500, 'hash', 1772323200000, 1767225600000 FROM generate_series(0, 19) AS n;
  INSERT INTO countersign.chains (organization, index, hash, checkpoint, kept_since)
  SELECT 'quiet-' || n, 5, 'hash', '{"index":5,"anchor":{"index":0},"kid":"key-2"}', 1772323200000
  FROM generate_series(1, 20000) AS n;
  UPDATE countersign.stream SET position = 30000, sealed_at = 1773225600000`

function toLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return pg.escapeLiteral(Array.isArray(value) ? `{${value.join(',')}}` : String(value))
}

/** The pool itself, but for an ear at its connections. */
function listening(pool: PostgresPool, asked: pg.QueryConfig[]): PostgresPool {
  return {
    async connect() {
      const connection = await pool.connect()
      return {
        query(query) {
          asked.push({ text: query.text, values: [...query.values] })
          return connection.query(query)
        },
        release: (error) => connection.release(error),
      }
    },
  }
}
