import type { ConcretePermission, IdentityPrincipal, Principal, Resources } from '@countersign/core'
import type { WhoIn } from './adapter.ts'
import type { GuardEngine } from './engine.ts'
import type { GuardedRequest, GuardRules, Refused, Verdict } from './guard.ts'
import { createGuard } from './guard.ts'
import type { Asking } from './question.ts'

/** The types of one framework: what a guard of its routes is asked about, and what it is mounted as. */
export interface Framework {
  /** What a middleware is handed first: the request, or what holds it. */
  readonly request: object
  /** The least of it that names a request, whatever an app has added to its type. */
  readonly key: object
  readonly middleware: unknown
}

/** Guards the routes of an app, in the words of its framework and of its engine. */
export interface RouteGuard<
  F extends Framework,
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> {
  /** Lets requests pass whose token is good; with `optional`, those too that show none of ours. */
  authenticate(rules?: GuardRules): F['middleware']
  /**
   * Lets requests pass whose token is good and whose principal may do this; other principals are answered 403, or 404
   * where the question names another organization than theirs. The question is read once somebody is authenticated.
   */
  can<P extends ConcretePermission<R>>(
    permission: P,
    ...question: Asking<R, P, F['request']>
  ): F['middleware']
  /** Answers who makes a request; throws a `TypeError` where no guard ran before. */
  principalOf(request: F['key']): Who
  findPrincipal(request: F['key']): Who | undefined
}

/** Says no to a request; `undefined` lets it pass. */
export type Refuse<F extends Framework> = (request: F['request']) => Promise<Refused | undefined>

/** What one framework brings: how its requests are read, and how a refusal becomes one of its middlewares. */
export interface FrameworkWords<F extends Framework> {
  /** The object of Node's, or of the platform's, that stands for a request in every layer. */
  keyOf(request: F['key']): object
  read(request: F['request']): GuardedRequest
  toMiddleware(refuse: Refuse<F>): F['middleware']
}

/** Creates the guard of an app on one framework: for adapters. `Options` says whether it lets people in. */
export function createRouteGuard<F extends Framework, R extends Resources, Options = object>(
  engine: GuardEngine<R>,
  { keyOf, read, toMiddleware }: FrameworkWords<F>,
): RouteGuard<F, R, WhoIn<R, Options>> {
  const guard = createGuard<R, WhoIn<R, Options>>(engine)

  const routeGuard: RouteGuard<F, R, WhoIn<R, Options>> = {
    authenticate: (rules) =>
      toMiddleware((request) => guard.authenticate(read(request), rules).then(refusedOf)),
    can: (permission, ...[question]) =>
      toMiddleware((request) => {
        const asked = question && (() => question(request))
        return guard.can(read(request), permission, asked).then(refusedOf)
      }),
    principalOf: (request) => guard.principalOf(keyOf(request)),
    findPrincipal: (request) => guard.findPrincipal(keyOf(request)),
  }
  return Object.freeze(routeGuard)
}

function refusedOf({ refused }: Verdict<unknown>): Refused | undefined {
  return refused
}
