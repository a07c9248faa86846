// One of several processes that call an engine many times at once; prints how often each outcome came. Of a `naive` storage
// each limit is read, then decided, then written.

import type { Countersign } from '@countersign/core'
import { createCountersign } from '@countersign/core'
import { isCountersignError } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'
import { createNaiveCounts } from '../support/naive.ts'

const [url = '', rootKey = '', kind = '', ...attempts] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 10 })
const honest = postgresStorage({ pool, timeout: 60 })
const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage: kind === 'naive' ? createNaiveCounts(honest, pool) : honest,
  rateLimits: 'off',
  cacheTtl: 0,
})
await countersign.ready()
const outcomes: Record<string, number> = {}
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  await Promise.all(
    attempts.map(async (attempt) => {
      const outcome = await outcomeOf(countersign, attempt)
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }),
  )
  process.stdout.write(`${JSON.stringify(outcomes)}\n`)
  await pool.end()
  process.exit()
})

/** A token is spent, an identity with a secret behind it logs in. */
async function outcomeOf(engine: Countersign, attempt: string): Promise<string> {
  const source = { address: '192.0.2.1' }
  try {
    const [identity = '', clientSecret] = attempt.split(' ')
    if (clientSecret === undefined) await engine.authenticate(attempt, source)
    else await engine.login({ method: 'universal', identity, credential: { clientSecret } }, source)
    return 'granted'
  } catch (error) {
    return isCountersignError(error) ? `${error.code} ${error.reason ?? ''}`.trim() : String(error)
  }
}
