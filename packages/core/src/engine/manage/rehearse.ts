import { invalidRequest, notFound } from '../../errors.ts'
import type { RehearsalInput } from '../../input/rehearsal.ts'
import { defined } from '../../lib/defined.ts'
import type { Attestation } from '../../model/attestation.ts'
import { textClaimsOf } from '../../model/attestation.ts'
import type { Rejection } from '../../model/rejection.ts'
import { isRejection } from '../../model/rejection.ts'
import type { Check } from '../../ports/verifier.ts'
import { createAppraise } from '../appraise.ts'
import { parseAttempt } from '../attempt.ts'
import type { Situation } from '../situation.ts'
import { createSituate } from '../situation.ts'
import type { Desk } from './command.ts'

/** What a login would come to, check by check. Nothing was issued, counted or charged. */
export interface Rehearsal {
  readonly accepted: boolean
  /** Why not, in the word that the event of the login would have. */
  readonly reason?: string
  /** Every check that was made, in order; a check that rests on one that failed may be missing. */
  readonly checks: readonly Check[]
  /** Who the evidence is about, and what permission rules may refer to, where it is accepted. */
  readonly subject?: string
  readonly claims?: Readonly<Record<string, string>>
  /** What a login would charge: the checks of those are made when it commits, and not here. */
  readonly charges: readonly ('use' | 'once')[]
}

/** Appraises a credential as a login would, and tells an administrator of every check. */
export async function rehearse(desk: Desk, wanted: RehearsalInput): Promise<Rehearsal> {
  const { organization, source = {}, ...request } = wanted
  if (desk.verifiers.get(request.method)?.guessable === true)
    throw invalidRequest(
      'method has credentials that can be guessed: a rehearsal would count no guess',
    )
  const situation = await createSituate(desk)(parseAttempt(desk, request, defined(source)))
  const { state } = situation
  if (state === undefined || state.identity.organization !== organization)
    throw notFound('auth method')
  const refused = checkOwn(situation)
  const { attempt, now, checks } = situation
  const verdict = await createAppraise(desk)(attempt, state, { now, checks, rehearsal: true })
  const rehearsal = conclude(refused, verdict, checks.all())
  const { accepted, reason } = rehearsal
  const { method } = state.authMethod
  const event = desk.note({
    type: 'auth_method.rehearsed',
    organization,
    target: { kind: 'auth_method', id: state.authMethod.id },
    ...(reason !== undefined && { reason }),
    details: { identity: state.identity.id, method, accepted },
  })
  await desk.storage.outbox.append([event])
  return rehearsal
}

/** The engine's own checks; answers the reason of the first that failed. */
function checkOwn({ state, guard, admitted, now, checks }: Situation): string | undefined {
  const own = [
    ['lockout', guard?.refuse(now) === undefined, 'too_many_attempts'],
    ['address', admitted, 'ip_not_allowed'],
    ['identity_enabled', state?.identity.disabled !== true, 'identity_disabled'],
  ] as const
  for (const [name, passed] of own) checks.note({ name, passed })
  return own.find(([, passed]) => !passed)?.[2]
}

function conclude(
  refused: string | undefined,
  verdict: Attestation | Rejection,
  checks: readonly Check[],
): Rehearsal {
  const claims = isRejection(verdict) ? verdict : textClaimsOf(verdict)
  const reason = refused ?? (isRejection(claims) ? claims.reason : undefined)
  const charges = isRejection(verdict) ? [] : (verdict.charges ?? []).map(({ kind }) => kind)
  if (reason !== undefined || isRejection(verdict) || isRejection(claims))
    return { accepted: false, checks, charges, ...(reason !== undefined && { reason }) }
  const { subject } = verdict
  return { accepted: true, checks, charges, subject, ...(claims !== undefined && { claims }) }
}
