// Breaks every hash of the process, then logs in or authenticates with what it was handed, and handles no error.

import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { createCountersign, memoryStorage } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'

const [, , verb, credential = ''] = process.argv

const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [Buffer.from(systemRuntime.random(32)).toString('base64url')],
  storage: memoryStorage(),
})
await countersign.ready()

const broken = (): never => {
  throw new Error('The hash is broken')
}
Object.assign(crypto, { createHmac: broken, createHash: broken, hash: broken })
syncBuiltinESMExports()

if (verb === 'login') {
  const request = {
    method: 'universal',
    identity: 'idn_01h000000000000000000000zz',
    credential: { clientSecret: credential },
  } as const
  await countersign.login(request, {})
} else await countersign.authenticate(credential, {})
