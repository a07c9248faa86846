// One of several processes that let a workload log in until they are killed, and feed a sink meanwhile. What a login was
// granted stands in a file before the next one begins, and a line tells whoever kills.

import { appendFileSync } from 'node:fs'
import { createCountersign, functionSink } from '@countersign/core'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'

const [url = '', rootKey = '', identity = '', clientSecret = '', granted = '', sunk = ''] =
  process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 6 })
const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  rateLimits: 'off',
  storage: postgresStorage({ pool, timeout: 20 }),
  sinks: [functionSink('file', (event) => appendFileSync(sunk, `${JSON.stringify(event)}\n`))],
})
await countersign.ready()
void countersign.run({ signal: new AbortController().signal })
for (let loop = 0; loop < 4; loop += 1) void logInForEver()

async function logInForEver(): Promise<never> {
  for (;;) {
    const credential = { clientSecret }
    const login = { method: 'universal', identity, credential } as const
    const { accessToken } = await countersign.login(login, { address: '192.0.2.1' })
    const [, claims = ''] = accessToken.split('.')
    const { jti } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    appendFileSync(granted, `${jti}\n`)
    process.stdout.write('granted\n')
  }
}
