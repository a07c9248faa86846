import { CountersignError, invalidToken } from '../errors.ts'
import { ANONYMOUS } from '../model/actor.ts'
import type { EventDraft, EventTarget } from '../model/event.ts'
import type { Source } from '../model/source.ts'
import type { RefusedToken } from './judge-token.ts'
import type { Parts } from './parts.ts'
import { sourceNetwork } from './source.ts'
import { toEventSource } from './stamp.ts'

/** Whose a refused token provably is. */
export interface Bearer {
  readonly organization: string
  readonly identity: string
  readonly target: EventTarget
}

/** A refusal, and whose the token was if it was provably ours. */
export interface RefusedBearer extends Pick<RefusedToken, 'rejection'> {
  readonly bearer?: Bearer
}

/** Notes a refused token, and answers the one error that its bearer sees, whatever the reason. */
export type RefuseToken = (
  refused: RefusedToken | RefusedBearer,
  source: Source,
) => Promise<CountersignError>

/** Creates the other outcome of a token: a row where it is provably ours, a report to the sinks where it is not. */
export function createRefuseToken({
  storage,
  refusals,
}: Pick<Parts, 'storage' | 'refusals'>): RefuseToken {
  return async (refused, source) => {
    const { reason } = refused.rejection
    const bearer = bearerOf(refused)
    const network = sourceNetwork(source)
    const draft: EventDraft = {
      type: 'token.refused',
      actor: bearer === undefined ? ANONYMOUS : { kind: 'identity', id: bearer.identity },
      target: bearer?.target ?? { kind: 'token', id: 'unknown' },
      reason,
      ...(bearer !== undefined && { organization: bearer.organization }),
      ...toEventSource(source),
    }
    if (bearer === undefined) refusals.report(draft, network)
    else {
      const events = refusals.record(draft, bearer.identity, network)
      if (events.length > 0) await storage.outbox.append(events)
    }
    return toTokenError(refused.rejection)
  }
}

/** What was not looked at is not called invalid: whoever shares the source may try again. */
function toTokenError({ reason, retryAfter }: RefusedToken['rejection']): CountersignError {
  if (retryAfter === undefined) return invalidToken(reason)
  const wait = { reason, retryAfter }
  return new CountersignError('rate_limited', 'This comes too often; try again later', wait)
}

function bearerOf(refused: RefusedToken | RefusedBearer): Bearer | undefined {
  if ('bearer' in refused) return refused.bearer
  if (!('claims' in refused) || refused.claims === undefined) return undefined
  const { org, sub, sid } = refused.claims
  return { organization: org, identity: sub, target: { kind: 'token', id: sid } }
}
