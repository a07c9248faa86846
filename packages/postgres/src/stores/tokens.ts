import type {
  AuthMethod,
  StandingQuery,
  TokenReason,
  TokenStanding,
  TokenStore,
} from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readOne } from '../db.ts'
import type { BoundAnswer, IdentityAnswer, Json } from '../records.ts'
import { fromEvents, toAuthMethod, toBound, toIdentity } from '../records.ts'
import type { Value } from '../statement.ts'
import * as statements from '../statements/tokens.ts'

/** Creates the store that decides what tokens may still do. */
export function createTokens(db: Db): TokenStore {
  return {
    find: (query, now) => findStanding(db, query, now),
    async renew(renewal, now, events) {
      const [refusal] = await db.ask(statements.renewLogin, [
        ...valuesOf(renewal, now),
        renewal.generation,
        renewal.counted?.limit,
        renewal.counted?.until.getTime(),
        fromEvents(events),
      ])
      return refusal as TokenReason | undefined
    },
    spend: ({ organization, session, authMethod }, limit, events) =>
      does(db, statements.spendUse, [organization, session, authMethod, limit, fromEvents(events)]),
    markSeen: ({ key, until }, now) =>
      does(db, statements.markSeen, [key, until.getTime(), now.getTime()]),
    revoke: ({ organization, id, until }, events) =>
      does(db, statements.markRevoked, [organization, id, until.getTime(), fromEvents(events)]),
  }
}

interface StandingAnswer {
  readonly epoch: number
  readonly keyRevision: number
  readonly identity: IdentityAnswer | null
  readonly authMethod: Json<AuthMethod> | null
  readonly bound: readonly BoundAnswer[]
  readonly revoked: boolean
  readonly uses: number | null
}

async function findStanding(db: Db, query: StandingQuery, now: Date): Promise<TokenStanding> {
  const answer = await readOne<StandingAnswer>(db, statements.findStanding, valuesOf(query, now))
  if (answer === undefined) throw new Error('The row of the deployment is missing')
  const { epoch, keyRevision, identity, authMethod, revoked, uses } = answer
  return {
    epoch,
    keyRevision,
    ...(identity !== null && { identity: toIdentity(identity) }),
    ...(authMethod !== null && { authMethod: toAuthMethod(authMethod) }),
    bound: toBound(answer.bound),
    revoked,
    ...(uses !== null && { uses }),
  }
}

function valuesOf(query: StandingQuery, now: Date): readonly Value[] {
  const { organization, identity, authMethod, session, credential } = query
  return [organization, identity, authMethod, session, credential, now.getTime()]
}
