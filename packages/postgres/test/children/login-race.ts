// One of several processes that let a workload log in many times at once; prints how often it was granted, and what else
// came of it. `naive` reads the count, then writes it.

import { createCountersign } from '@countersign/core'
import { isCountersignError } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'
import { createNaive } from '../support/naive.ts'

const [url = '', rootKey = '', identity = '', clientSecret = '', count = '', kind = ''] =
  process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 10 })
const honest = postgresStorage({ pool, timeout: 60 })
const storage = kind === 'naive' ? createNaive(honest, pool) : honest
const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage,
})
await countersign.ready()
const outcomes: Record<string, number> = {}
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  await Promise.all(
    Array.from({ length: Number(count) }, async () => {
      const outcome = await login()
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }),
  )
  process.stdout.write(`${JSON.stringify(outcomes)}\n`)
  await pool.end()
  process.exit()
})

async function login(): Promise<string> {
  try {
    const credential = { clientSecret }
    const source = { address: '192.0.2.1' }
    await countersign.login({ method: 'universal', identity, credential }, source)
    return 'granted'
  } catch (error) {
    return isCountersignError(error) ? `${error.code} ${error.reason ?? ''}`.trim() : String(error)
  }
}
