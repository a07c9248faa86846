import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCountersign, memoryStorage } from '@countersign/core'
import { createHandler } from '@countersign/http'
import { jwt, oidc, privateKeyJwt } from '@countersign/oidc'
import type { FakeIssuer } from '@countersign/testing/fakes'
import { fakeIssuer } from '@countersign/testing/fakes'

/** What a deployment is served by over HTTP. */
type Served = Parameters<typeof createHandler>[0] & Pick<ReturnType<typeof anEngine>, 'close'>

/** Serves an engine on loopback, which is built once its own address is known. */
export async function serve<Engine extends Served>(build: (url: string) => Engine) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const countersign = build(url)
  const handler = createHandler(countersign)
  server.on('request', (request, response) => {
    void toRequest(request, url)
      .then((asked) => handler.handle(asked, { address: request.socket.remoteAddress }))
      .then(async (answer) => {
        response.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []))
        response.end(await answer?.text())
      })
  })
  return {
    url,
    countersign,
    async close() {
      server.close()
      server.closeAllConnections()
      await countersign.close()
    },
  }
}

function anEngine(url: string) {
  const egress = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true } as const
  const audiences = [url, `${url}/oauth/token`]
  return createCountersign({
    issuer: url,
    rootKeys: [randomBytes(32).toString('base64url')],
    storage: memoryStorage(),
    verifiers: [oidc({ egress }), jwt({ egress }), privateKeyJwt({ egress, audiences })],
    resources: { report: { scope: 'organization', actions: ['read', 'write'] } },
  })
}

/** A deployment whose identities log in without a secret, and the issuer that it trusts. */
export async function aFederation() {
  const issuer: FakeIssuer = await fakeIssuer()
  const served = await serve(anEngine)
  const host = served.countersign.asHost('compat')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const identityBy = async (
    authMethod: NonNullable<Parameters<typeof host.identities.create>[0]['authMethod']>,
  ) => {
    const named = { organization: 'acme', name: 'job', authMethod }
    return (await host.identities.create(named)).identity.id
  }
  return {
    ...served,
    issuer,
    identityBy,
    async close() {
      await issuer.close()
      await served.close()
    },
  }
}

async function toRequest(request: IncomingMessage, url: string): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = 'GET', headers } = request
  return new Request(new URL(request.url ?? '/', url), {
    method,
    headers: headers as Record<string, string>,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
}
