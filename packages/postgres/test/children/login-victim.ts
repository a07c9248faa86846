// A process that logs a workload in again and again, and says so at once: it is killed in the middle of it.

import { writeSync } from 'node:fs'
import { createCountersign } from '@countersign/core'
import { isCountersignError } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'

const [url = '', rootKey = '', identity = '', clientSecret = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 2 })
const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage: postgresStorage({ pool, timeout: 60 }),
  rateLimits: 'off',
})
await countersign.ready()
writeSync(1, 'ready\n')
for (;;) {
  writeSync(1, `${await logIn()}\n`)
}

async function logIn(): Promise<string> {
  try {
    const credential = { clientSecret }
    const source = { address: '192.0.2.1' }
    await countersign.login({ method: 'universal', identity, credential }, source)
    return 'granted'
  } catch (error) {
    return isCountersignError(error) ? `${error.reason ?? error.code}` : String(error)
  }
}
