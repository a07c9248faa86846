import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Kind, MakeApp } from '../middleware/app.ts'
import { createBench, ISSUER, logEverybodyIn } from '../workload/engine.ts'
import { publicKeyOf } from '../workload/signing.ts'

const [framework = '', kind = ''] = process.argv.slice(2)

const makers: Readonly<Record<string, () => Promise<{ readonly makeApp: MakeApp }>>> = {
  express: () => import('../middleware/express.ts'),
  koa: () => import('../middleware/koa.ts'),
  fastify: () => import('../middleware/fastify.ts'),
  hono: () => import('../middleware/hono.ts'),
  node: () => import('../middleware/node.ts'),
}

async function listen(app: Server | RequestListener): Promise<string> {
  const server = app instanceof Server ? app : createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const bench = await createBench({ accounts: 64, algorithm: 'RS256' })
const tokens = await logEverybodyIn(bench)
const keys = await bench.countersign.jwks()
const jwks = await listen((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(keys))
})
const maker = await makers[framework]?.()
if (maker === undefined) throw new Error(`There is no framework ${framework}`)
const app = await maker.makeApp(kind as Kind, {
  countersign: bench.countersign,
  key: await publicKeyOf(bench.countersign),
  keys,
  jwksUri: `${jwks}/jwks`,
  issuer: ISSUER,
})

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.on('disconnect', () => process.exit())
process.send?.({ url: await listen(app), tokens })
