import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Engine } from './feed.ts'
import { createEngine, createFeed } from './feed.ts'

/** A backend that listens, and a workload that may hear its feed. */
export interface Stage {
  readonly url: string
  readonly countersign: Engine
  readonly organization: string
  readonly identity: string
  logIn(): Promise<string>
  close(): Promise<void>
}

/** Opens the backend on a port of the system's choice. */
export async function openStage(): Promise<Stage> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const countersign = createEngine(url, randomBytes(32).toString('base64url'))
  server.on('request', createFeed(countersign))
  await countersign.ready()
  return {
    url,
    countersign,
    ...(await admit(countersign)),
    async close() {
      server.close()
      server.closeAllConnections()
      await countersign.close()
    },
  }
}

async function admit(
  countersign: Engine,
): Promise<Pick<Stage, 'organization' | 'identity' | 'logIn'>> {
  const host = countersign.asHost('streaming example')
  const { id: organization } = await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({
    organization,
    name: 'dashboard',
    role: 'listener',
    authMethod: { method: 'universal' },
  })
  const { clientSecret } = await host.clientSecrets.create({ organization, identity: identity.id })
  return {
    organization,
    identity: identity.id,
    async logIn() {
      const credential = { clientSecret }
      const request = { method: 'universal', identity: identity.id, credential } as const
      return (await countersign.login(request, { address: '127.0.0.1' })).accessToken
    },
  }
}
