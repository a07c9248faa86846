import type { IncomingMessage } from 'node:http'
import type { IdentityPrincipal, Principal, Resources } from '@countersign/core'
import type { GuardEngine, GuardOptions, Refused, RouteGuard, WhoIn } from '@countersign/http'
import { askerOf, callerOf, createRouteGuard } from '@countersign/http'
import { nodeAuthorization, nodePeerOf } from '@countersign/http/node'

/** A request of Nest's: Express's own, or Fastify's around Node's. */
export type NestRequest = IncomingMessage | { readonly raw: IncomingMessage }

/** The little that a guard needs of Nest's `ExecutionContext`. */
export interface NestContext {
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown }
}

/** What `@UseGuards()` takes: Nest's `CanActivate`, by its shape. */
export interface NestActivation {
  canActivate(context: NestContext): Promise<boolean>
}

/** How a Nest host tells where a request comes from, and who of its people asks. */
export type NestOptions = GuardOptions<NestRequest>

/** The types of Nest, as a guard meets them. */
export interface NestFramework {
  readonly request: NestRequest
  readonly key: NestRequest
  readonly middleware: NestActivation
}

/** Guards the routes of a Nest app: `@UseGuards(guard.can('invoice:approve'))`. */
export type NestGuard<
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> = RouteGuard<NestFramework, R, Who>

/** What a refused request throws: Nest's own filter answers its status and its message. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number
  readonly statusCode: number
  readonly code: Refused['code']
  readonly headers: Refused['headers']
  /** What an authenticated caller may know about a refused permission: for a filter of the host's. */
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor({ status, headers, body, code }: Refused) {
    const { message, details } = JSON.parse(body) as Pick<RefusedError, 'message' | 'details'>
    super(message)
    this.status = status
    this.statusCode = status
    this.code = code
    this.details = details
    this.headers = headers
  }
}

/** Creates the guard of an app: make one, and share it. It throws what it refuses, with its challenge on the response. */
export function nestGuard<R extends Resources, Options extends NestOptions = NestOptions>(
  engine: GuardEngine<R>,
  options?: Options,
): NestGuard<R, WhoIn<R, Options>> {
  const given: NestOptions = options ?? {}
  return createRouteGuard<NestFramework, R, Options>(engine, {
    keyOf: rawOf,
    read(request) {
      const raw = rawOf(request)
      return {
        key: raw,
        authorization: nodeAuthorization(raw),
        peer: callerOf(nodePeerOf(raw), request, given),
        user: askerOf(request, given),
      }
    },
    toMiddleware: (refuse) => ({
      async canActivate(context) {
        const http = context.switchToHttp()
        const refused = await refuse(http.getRequest() as NestRequest)
        if (refused === undefined) return true
        setHeaders(http.getResponse(), refused)
        throw new RefusedError(refused)
      },
    }),
  })
}

function rawOf(request: NestRequest): IncomingMessage {
  return 'raw' in request ? request.raw : request
}

interface Answering {
  setHeader?(name: string, value: string): unknown
  header?(name: string, value: string): unknown
}

/** Express's response and Fastify's reply name it differently. The body is the filter's, and so is its type. */
function setHeaders(response: unknown, { headers }: Refused): void {
  const { setHeader, header } = response as Answering
  const set = setHeader ?? header
  for (const [name, value] of Object.entries(headers))
    if (name !== 'content-type') set?.call(response, name, value)
}
