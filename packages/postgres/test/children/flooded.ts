// One node under a flood of strangers: shows it tokens that nobody has, or client ids that nobody knows, and tells what
// that cost: memory, connections, the longest that everybody else waited, and what Postgres was asked.

import { Buffer } from 'node:buffer'
import { generateKeyPairSync, sign } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCountersign } from '@countersign/core'
import { mintSecret, systemRuntime } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'

const [url = '', kind = '', amount = ''] = process.argv.slice(2)
const count = Number(amount)
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Requests on their way at a time. */
const AT_ONCE = 64
const CONNECTIONS = 4

const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
let statements = 0
pool.on('connect', (client) => {
  const query = client.query.bind(client) as (...values: readonly unknown[]) => unknown
  client.query = ((...values: readonly unknown[]) => {
    statements += 1
    return query(...values)
  }) as typeof client.query
})
const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [Buffer.from(systemRuntime.random(32)).toString('base64url')],
  storage: postgresStorage({ pool, timeout: 60 }),
})
await countersign.ready()
const host = countersign.asHost('flood')
const { id: organization } = await host.organizations.ensure({ id: 'acme', name: 'Acme' })
const { identity } = await host.identities.create({
  organization,
  name: 'worker',
  authMethod: { method: 'universal' },
})
const { clientSecret } = await host.clientSecrets.create({ organization, identity: identity.id })
const credential = { clientSecret }
const { accessToken } = await countersign.login(
  { method: 'universal', identity: identity.id, credential },
  { address: '192.0.2.1' },
)

const [header = '', claims = '', signature = ''] = accessToken.split('.')
const { privateKey } = generateKeyPairSync('ed25519')
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString())

/** A source of each request's own, as somebody with a /32 of IPv6 has. */
const sourceOf = (index: number) => ({
  address: `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`,
})

function forged(index: number): string {
  const input = `${header}.${encode({ ...decode(claims), jti: `forged-${index}` })}`
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}

const tokens: readonly ((index: number) => string)[] = [
  forged,
  (index) => `${encode({ ...decode(header), kid: `kid-${index}` })}.${claims}.${signature}`,
  (index) => `${header}.${encode({ iss: `https://${index}.example` })}.${signature}`,
  (index) => `${index.toString(36)}${signature}.${claims}`,
  () => mintSecret({ prefix: 'cst', kind: 'st' }, systemRuntime.random),
]
const shown: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
  tokens: (index) =>
    countersign.tryAuthenticate(tokens[index % tokens.length]?.(index) ?? '', sourceOf(index)),
  ids: (index) =>
    countersign
      .login(
        {
          method: 'universal',
          identity: `idn_${String(index).padStart(26, '0')}`,
          credential: { clientSecret: `cst_cs_${String(index).padStart(49, 'w')}` },
        },
        sourceOf(index),
      )
      .catch((error: unknown) => error),
}

const codes = new Set<string>()
let mostConnections = 0

async function flood(from: number, to: number): Promise<number> {
  let next = from
  const show = shown[kind]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < to) {
        const index = next
        next += 1
        const answer = await show?.(index)
        codes.add((answer as { readonly code?: string }).code ?? 'granted')
        mostConnections = Math.max(mostConnections, pool.totalCount)
        if (index % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  await countersign.maintain()
  for (let turn = 0; turn < 3; turn += 1) collect()
  return process.memoryUsage().rss
}

console.log('ready')
// The first ones compile the code, and open the connections.
await flood(0, 2000)
const loop = monitorEventLoopDelay({ resolution: 5 })
loop.enable()
statements = 0
const before = await flood(2000, 4000)
const full = await flood(4000, 4000 + count)
const asked = statements
const after = await flood(4000 + count, 4000 + count + Math.floor(count / 2))
loop.disable()
const known = await countersign.tryAuthenticate(accessToken, { address: '192.0.2.1' })
const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024)
console.log(
  JSON.stringify({
    grown: megabytes(full - before),
    later: megabytes(after - full),
    mostConnections,
    asked: asked / (count + 2000),
    loop: Math.round(loop.percentile(99) / 1e6),
    codes: [...codes].sort(),
    known: 'kind' in known ? known.kind : known.code,
  }),
)
await countersign.close()
await pool.end()
process.exit()
