import type { Principal } from '@countersign/core'
import * as z from 'zod'
import { NO_STORE } from '../answer.ts'
import type { Origin } from '../caller.ts'
import type { HandlerEngine, Management } from '../engine.ts'
import type { Dialect, Outcome } from '../refusal.ts'
import type { SlugOf } from '../wire/identity.ts'

/** The methods that routes have. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What a route answers when all went well. */
export interface Reply {
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

/** One request whose form is in order. */
export interface Call extends Origin {
  readonly engine: HandlerEngine
  /** What its path, its query and its body say, as its route parsed them. */
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
  readonly authorization: string | undefined
  /** Who calls, where the route is for principals. */
  readonly principal: Principal | undefined
}

/** How a body may arrive: as JSON, or also as a form; and whether what a route does not know is ignored. */
export interface BodyRules {
  readonly schema: z.ZodType
  readonly forms?: true
  /** Says that there may be no body at all. */
  readonly optional?: true
}

/**
 * What becomes of a creating request that comes again with the same `Idempotency-Key`: it is answered as it was, or, where
 * the answer held a secret, refused with the id of what it made, which the function finds in the answer.
 */
export type Repeats = 'answered' | ((answer: object) => string)

/** One row of the wire. */
export interface Route {
  /** Its name in the OpenAPI document. */
  readonly id: string
  readonly method: Method
  /** Its path, with `:name` for what varies. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  /** Who may call it: everybody, whoever shows a token of its own in whatever way, or a principal. */
  readonly access: 'open' | 'token' | 'principal'
  /** What a principal needs, as its permissions name it. */
  readonly permission?: string
  /** Where it lies in the end: below the mount, or also where clients look for the document of an issuer. */
  readonly wellKnown?: boolean
  /** How it says no; `wire` where absent. */
  readonly dialect?: Dialect
  readonly query?: z.ZodType
  readonly body?: BodyRules
  readonly answer: z.ZodType
  readonly repeats?: Repeats
  /** One request and its answer, for the document. */
  readonly example?: { readonly body?: object; readonly answer?: object }
  /** Says that it stands for an older path of the same kind. */
  readonly deprecated?: true
  readonly run: (call: Call) => Promise<Outcome<Reply>>
}

type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/** One call of a principal, in the words of its route. */
export interface Managing<Params extends string = never, Body = undefined, Query = undefined> {
  readonly manage: Management
  readonly engine: HandlerEngine
  readonly principal: Principal
  /** The principal's own: no path, query, body or header says which organization is meant. */
  readonly organization: string
  /** What methods are called on this wire. */
  readonly slugOf: SlugOf
  readonly params: { readonly [Name in Params]: string }
  readonly body: Body
  readonly query: Query
}

/** A row for principals: every call acts as whoever makes it. */
export interface ManagedRow<Path extends string, Body, Query>
  extends Omit<Route, 'access' | 'path' | 'query' | 'body' | 'run'> {
  readonly path: Path
  readonly permission: string
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** Says that there may be no body at all. */
  readonly bodyOptional?: true
  readonly run: (call: Managing<ParamsOf<Path>, Body, Query>) => Promise<object>
}

const NOTHING = z.strictObject({})

/** Writes a row for principals; of what it does not know it takes nothing. */
export function managed<Path extends string, Body = undefined, Query = undefined>({
  run,
  body,
  bodyOptional,
  query = NOTHING as unknown as z.ZodType<Query>,
  ...row
}: ManagedRow<Path, Body, Query>): Route {
  const takesBody = row.method === 'POST' || row.method === 'PATCH'
  const schema = body ?? (takesBody ? NOTHING : undefined)
  const optional = body === undefined || bodyOptional === true
  return {
    ...row,
    access: 'principal',
    query,
    ...(schema && { body: { schema, ...(optional && { optional }) } }),
    async run({ engine, principal, params, query: asked, body: said }) {
      if (principal === undefined) throw new TypeError('A managing route runs for a principal')
      const { organization } = principal
      const slugOf: SlugOf = (method) =>
        engine.methods.find((one) => one.method === method)?.wire?.slug ?? method
      const shared = { engine, principal, organization, slugOf, manage: engine.as(principal) }
      const call = { ...shared, params, query: asked, body: said }
      // The handler parsed all three by the schemas of this very row.
      return reply(await run(call as Managing<ParamsOf<Path>, Body, Query>))
    },
  }
}

/** Answers something that nobody may store. */
export function reply(body: object): Outcome<Reply> {
  return { value: { body, headers: NO_STORE } }
}
