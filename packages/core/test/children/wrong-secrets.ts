// Logs in with wrong secrets and a right client id, and tells what that cost: hashes, and microseconds of the processor.

import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { createCountersign, memoryStorage } from '../../src/index.ts'
import { systemRuntime } from '../../src/runtime.ts'

const [, , attempts = '', lockout = ''] = process.argv
const organization = 'acme'

const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [Buffer.from(systemRuntime.random(32)).toString('base64url')],
  storage: memoryStorage(),
  rateLimits: 'off',
})
await countersign.ready()
const host = countersign.asHost('flood')
await host.organizations.create({ id: organization, name: 'Acme' })
const { identity } = await host.identities.create({
  organization,
  name: 'worker',
  authMethod: { method: 'universal', ...(lockout === 'off' && { lockout }) },
})

let hashes = 0
const counting =
  <Values extends readonly unknown[], Answer>(run: (...values: Values) => Answer) =>
  (...values: Values): Answer => {
    hashes += 1
    return run(...values)
  }
const { createHmac, createHash, hash, scryptSync, pbkdf2Sync } = crypto
Object.assign(crypto, {
  createHmac: counting(createHmac),
  createHash: counting(createHash),
  hash: counting(hash),
  scryptSync: counting(scryptSync),
  pbkdf2Sync: counting(pbkdf2Sync),
})
syncBuiltinESMExports()

/** Logs in so many times, and answers the codes, the hashes of one attempt, and its microseconds. */
async function flood(count: number, secretOf: (index: number) => string) {
  const codes = new Set<string>()
  hashes = 0
  const before = process.cpuUsage()
  for (let index = 0; index < count; index += 1) {
    const credential = { clientSecret: secretOf(index) }
    await countersign
      .login({ method: 'universal', identity: identity.id, credential }, { address: '192.0.2.1' })
      .catch(({ code }: { readonly code: string }) => codes.add(code))
  }
  const { user, system } = process.cpuUsage(before)
  return { codes: [...codes].sort(), hashes: hashes / count, cost: (user + system) / count }
}

const count = Number(attempts)
const wrong = (index: number): string => `cst_cs_${String(index).padStart(49, 'w')}`
const long = ['x'.repeat(513), 'x'.repeat(100_000), 'x'.repeat(10_000_000)]
await flood(count, wrong)
console.log(
  JSON.stringify({
    wrong: await flood(count, wrong),
    long: await flood(count, (index) => long[index % long.length] ?? ''),
  }),
)
