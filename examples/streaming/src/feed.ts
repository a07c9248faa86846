import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { IdentityPrincipal, WatchEnd } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import { createGuard } from '@countersign/http'
import { nodeAuthorization, nodePeerOf } from '@countersign/http/node'

/** The engine, in the words of this backend. */
export type Engine = ReturnType<typeof createEngine>

type Listener = IdentityPrincipal<typeof resources>

const resources = { feed: { scope: 'organization', actions: ['read'] } } as const

/** Creates the engine: there is a feed, and a role that may listen to it. */
export function createEngine(issuer: string, rootKey: string | undefined) {
  return createCountersign({
    issuer,
    rootKeys: [rootKey],
    storage: memoryStorage(),
    resources,
    roles: { listener: { scope: 'organization', rules: [{ allow: ['feed:read'] }] } },
  })
}

/** Creates a feed that is open for as long as its listener may hear it. */
export function createFeed(countersign: Engine): RequestListener {
  const guard = createGuard(countersign)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { refused } = await guard.can(
      { key: request, authorization: nodeAuthorization(request), peer: nodePeerOf(request) },
      'feed:read',
    )
    if (refused !== undefined) {
      response.writeHead(refused.status, refused.headers).end(refused.body)
      return
    }
    const principal = guard.principalOf(request)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const left = new AbortController()
    response.once('close', () => left.abort())
    response.write(`event: open\ndata: ${principal.name}\n\n`)
    const end = await untilEnd(countersign, principal, left.signal)
    response.end(`event: end\ndata: ${end}\n\n`)
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error))
  }
}

/** Waits until a principal may no longer listen; other rights may come and go meanwhile. */
async function untilEnd(
  { watch }: Engine,
  principal: Listener,
  signal: AbortSignal,
): Promise<WatchEnd> {
  for (;;) {
    const end = await watch(principal, signal)
    if (end !== 'changed' || !principal.can('feed:read')) return end
  }
}
