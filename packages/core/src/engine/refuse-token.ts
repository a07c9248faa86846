import { CountersignError } from '../errors.ts'
import { ANONYMOUS } from '../model/actor.ts'
import type { EventDraft } from '../model/event.ts'
import type { Source } from '../model/source.ts'
import type { RefusedToken } from './judge-token.ts'
import type { Parts } from './parts.ts'
import { sourceNetwork } from './source.ts'
import { toEventSource } from './stamp.ts'

/** Notes a refused token, and answers the one error that its bearer sees, whatever the reason. */
export type RefuseToken = (refused: RefusedToken, source: Source) => Promise<CountersignError>

/** Creates the other outcome of a token: a row where it is provably ours, a report to the sinks where it is not. */
export function createRefuseToken({
  storage,
  refusals,
}: Pick<Parts, 'storage' | 'refusals'>): RefuseToken {
  return async ({ rejection, claims }, source) => {
    const { reason } = rejection
    const network = sourceNetwork(source)
    const draft: EventDraft = {
      type: 'token.refused',
      actor: claims === undefined ? ANONYMOUS : { kind: 'identity', id: claims.sub },
      target: { kind: 'token', id: claims?.sid ?? 'unknown' },
      reason,
      ...(claims !== undefined && { organization: claims.org }),
      ...toEventSource(source),
    }
    if (claims === undefined) refusals.report(draft, network)
    else {
      const events = refusals.record(draft, claims.sub, network)
      if (events.length > 0) await storage.outbox.append(events)
    }
    return new CountersignError('invalid_token', 'The access token is not valid', { reason })
  }
}
