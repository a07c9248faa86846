import type { CountersignError } from '../errors.ts'
import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import { defined } from '../lib/defined.ts'
import type { IdentityPrincipal } from '../model/permission/principal.ts'
import { Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type {
  FoundStaticToken,
  RefusedStaticToken,
  StaticTokenJudge,
} from './judge-static-token.ts'
import type { Parts } from './parts.ts'
import type { IdentityFacts } from './principals.ts'
import type { RefuseToken } from './refuse-token.ts'

/** Turns a static token, as it stands, into the principal of one request, or answers what is wrong. */
export type UseStaticToken = (
  token: string,
  source: Source,
) => MaybePromise<IdentityPrincipal | CountersignError>

/** Creates the use of a static token. It is counted last, after everything else has said yes. */
export function createUseStaticToken(
  { clock, storage, statistics, principals }: Parts,
  { judge }: StaticTokenJudge,
  refuse: RefuseToken,
): UseStaticToken {
  function settle(
    found: FoundStaticToken,
    now: Date,
  ): MaybePromise<FoundStaticToken | RefusedStaticToken> {
    const { token, redigest } = found
    const { organization, identity, id } = token
    const uncounted = token.maxUses === undefined && { credential: id }
    const count = (): FoundStaticToken => {
      statistics.add({ organization, identity, ...uncounted }, now)
      return found
    }
    if (token.maxUses === undefined && redigest === undefined) return count()
    const use = { organization, id, ...defined({ redigest }) }
    return after(storage.staticTokens.use(use, now, []), (refusal) =>
      refusal === undefined ? count() : { rejection: new Rejection(refusal), found },
    )
  }

  return (text, source) => {
    const now = clock.now()
    const settled = after(judge(text, now, source), (judged) =>
      'rejection' in judged ? judged : settle(judged, now),
    )
    return after(settled, (used): MaybePromise<IdentityPrincipal | CountersignError> => {
      if ('rejection' in used) return refuse(toRefused(used), source)
      return principals.ofIdentity(toFacts(used))
    })
  }
}

/** A refused static token as the trail names it. */
export function toRefused({ rejection, found }: RefusedStaticToken): Parameters<RefuseToken>[0] {
  if (found === undefined) return { rejection }
  const { organization, identity, id } = found.token
  return { rejection, bearer: { organization, identity, target: { kind: 'static_token', id } } }
}

function toFacts({ token, identity, authMethod }: FoundStaticToken): IdentityFacts {
  return {
    identity,
    method: authMethod.method,
    session: token.id,
    loggedInAt: new Date(token.createdAt),
    shown: { kind: 'static_token', id: token.id },
    expiresAt: token.expiresAt === undefined ? undefined : new Date(token.expiresAt),
  }
}
