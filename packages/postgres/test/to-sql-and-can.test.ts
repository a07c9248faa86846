import assert from 'node:assert/strict'
import type { Match, Rule, Where } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import { toSql } from '@countersign/postgres'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openDatabase } from './support/database.ts'

const database = await openDatabase()
const runs = process.env['COUNTERSIGN_SOAK'] === '1' ? 10_000 : 300
const settings = { seed: 20_260_731, numRuns: runs }

const resources = {
  secret: {
    scope: 'organization',
    actions: ['read', 'write'],
    attributes: { environment: 'text', path: 'path' },
  },
} as const

const environments = [null, 'prod', 'dev', 'prod-eu', 'worker', 'é😀'] as const
const paths = [null, '/', '/apps', '/apps/api', '/apps/api/key', '/data', '/apps😀/x'] as const
const rows = environments.flatMap((environment) => paths.map((path) => ({ environment, path })))

const operands = (values: readonly (string | null)[]) =>
  fc.oneof(
    fc.constantFrom(...values.filter((value) => value !== null)),
    fc.constantFrom({ ref: 'user.id' } as const, { ref: 'identity.name' } as const),
  )

const match = (values: readonly (string | null)[], globs: readonly string[]): fc.Arbitrary<Match> =>
  fc.oneof(
    fc.record({ in: fc.array(operands(values), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: fc.array(operands(values), { minLength: 1, maxLength: 2 }) }),
    fc.record({ glob: fc.constantFrom(...globs) }),
  )

const where: fc.Arbitrary<Where<'environment' | 'path'>> = fc.record(
  {
    environment: match(environments, ['prod*', '*', '????', 'é??', '**e**']),
    path: match(paths, ['/apps/**', '/*', '/apps/*/*', '/**', '/????', '/apps??/*']),
  },
  { requiredKeys: [] },
)

const rules: fc.Arbitrary<readonly Rule<typeof resources>[]> = fc.array(
  fc.oneof(
    fc.record({ allow: fc.constant(['secret:read'] as const), where }),
    fc.record({ allow: fc.constant(['secret:*'] as const), where }),
    fc.record({ deny: fc.constant(['secret:read'] as const), where }),
  ),
  { minLength: 1, maxLength: 4 },
)

describe.skipIf(database === undefined)('toSql() beside can()', () => {
  if (database === undefined) return
  const { pool } = database
  const countersign = createCountersign({
    issuer: 'https://id.example.com',
    rootKeys: [Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')],
    storage: memoryStorage(),
    resources,
  })
  beforeAll(async () => {
    await pool.query('CREATE TABLE secrets (id int PRIMARY KEY, environment text, path text)')
    await pool.query(
      'INSERT INTO secrets SELECT * FROM unnest($1::int[], $2::text[], $3::text[])',
      [rows.map((_, id) => id), rows.map((row) => row.environment), rows.map((row) => row.path)],
    )
  })
  afterAll(() => database.drop())

  test('toSql() keeps exactly the rows of which can() says yes, for any rules', async () => {
    const place = { organization: 'acme' }
    await fc.assert(
      fc.asyncProperty(rules, async (held) => {
        const claim = { user: 'worker', ...place, bindings: [{ rules: held }] }
        const principal = countersign.principalFor(claim)
        const columns = { environment: 'environment', path: 'path' }
        const { text, values } = toSql(principal.conditions('secret:read'), columns)
        const found = await pool.query(`SELECT id FROM secrets WHERE ${text} ORDER BY id`, values)
        const expected = rows.flatMap(({ environment, path }, id) => {
          const about = {
            ...(environment !== null && { environment }),
            ...(path !== null && { path }),
          }
          // Types ask a caller for every attribute; a row may lack one.
          const question = about as { readonly environment: string; readonly path: string }
          return principal.can('secret:read', question) ? [id] : []
        })
        assert.deepEqual(
          found.rows.map(({ id }) => id as number),
          expected,
        )
      }),
      settings,
    )
  }, 120_000)
})
