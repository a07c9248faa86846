import { CountersignError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import { isMintedId } from '../lib/ids.ts'
import { ANONYMOUS } from '../model/actor.ts'
import type { EventDraft } from '../model/event.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Parts } from './parts.ts'
import type { Situation } from './situation.ts'
import { toEventSource } from './stamp.ts'

/** Settles a refused login, and answers the error that the caller sees. */
export interface RefuseLogin {
  (situation: Situation, rejection: Rejection): Promise<CountersignError>
  /** Notes a good credential that asks for what its auth method does not give: no strike, and nothing is charged. */
  note(situation: Situation, rejection: Rejection): Promise<void>
}

/** Creates the other outcome of a login: a strike with its events, and one of two answers. */
export function createRefuseLogin({
  storage,
  stamp,
  refusals,
}: Pick<Parts, 'storage' | 'stamp' | 'refusals'>): RefuseLogin {
  const refuse = async (situation: Situation, rejection: Rejection): Promise<CountersignError> => {
    const { guard, state, now, admitted, attempt } = situation
    const draft = toDraft(situation, rejection)
    if (state === undefined) refusals.report(draft, attempt.network)
    const refused =
      state === undefined ? [] : refusals.record(draft, state.identity.id, attempt.network)
    const struck = guard !== undefined && rejection.reason !== 'too_many_attempts'
    const committedByStrike = struck && admitted
    if (!committedByStrike && refused.length > 0) await storage.outbox.append(refused)
    if (!struck) return toLoginError(rejection)
    const locked = committedByStrike ? [stamp({ ...draft, type: 'lockout.started' })] : []
    return toLoginError(await guard.strike(rejection, now, { refused, locked }))
  }

  async function note(situation: Situation, rejection: Rejection): Promise<void> {
    const { state, attempt } = situation
    const draft = toDraft(situation, rejection)
    const events = refusals.record(draft, state?.identity.id ?? attempt.network, attempt.network)
    if (events.length > 0) await storage.outbox.append(events)
  }

  return Object.assign(refuse, { note })
}

function toDraft({ state, attempt, checks }: Situation, { reason }: Rejection): EventDraft {
  const { method, source } = attempt
  const { identity = state?.identity.id ?? 'unknown' } = attempt
  const organization = state?.identity.organization
  return {
    type: 'login.refused',
    actor: ANONYMOUS,
    // What is no id of ours may be anything: a secret in the wrong field, for example.
    target: { kind: 'identity', id: isMintedId('idn', identity) ? identity : 'unknown' },
    reason,
    details: {
      method,
      ...defined({ revision: state?.authMethod.revision }),
      ...checks.details(),
    },
    ...(organization !== undefined && { organization }),
    ...toEventSource(source),
  }
}

/** The two faces of every refused login: which one is shown depends on counters that unknown ids have as well. */
function toLoginError({ reason, retryAfter }: Rejection): CountersignError {
  if (reason === 'too_many_attempts') {
    const wait = { reason, ...(retryAfter !== undefined && { retryAfter }) }
    return new CountersignError('locked_out', 'Too many failed attempts; try again later', wait)
  }
  return new CountersignError('invalid_credential', 'The credential was not accepted', { reason })
}
