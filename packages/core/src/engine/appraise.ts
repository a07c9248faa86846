import { CountersignError, isCountersignError, unavailable } from '../errors.ts'
import { parseWith } from '../lib/schema.ts'
import type { Attestation } from '../model/attestation.ts'
import type { Rejection } from '../model/rejection.ts'
import { isRejection } from '../model/rejection.ts'
import type { LoginState } from '../ports/login-store.ts'
import type { VerifierContext } from '../ports/verifier.ts'
import type { Attempt } from './attempt.ts'
import type { CheckLog } from './checks.ts'
import type { Parts } from './parts.ts'
import { joinTemplate, openPolicy } from './policy-secrets.ts'

/** Seconds that a verifier may take before the engine answers that it could not tell. */
export const VERIFIER_DEADLINE = 10

/** When a credential is appraised, and what for. */
export interface Occasion {
  readonly now: Date
  readonly checks: CheckLog
  readonly rehearsal: boolean
}

/** Has the verifier of an attempt appraise its credential, within the engine's deadline. */
export type Appraise = (
  attempt: Attempt,
  state: LoginState,
  occasion: Occasion,
) => Promise<Attestation | Rejection>

/** Creates the call of a verifier. Whatever it throws, or keeps to itself for too long, is `unavailable`. */
export function createAppraise(parts: Pick<Parts, 'runtime' | 'verifiers' | 'rootKeys'>): Appraise {
  const { runtime } = parts
  return async ({ verifier, credential, source }, state, occasion) => {
    const { identity, stored } = state
    const opened = openWhole(parts, state)
    const written = opened instanceof Promise ? await opened : opened
    const policy = parseWith(verifier.policy, written)
    if ('problem' in policy)
      throw unavailable(new Error(`A stored policy is no longer understood: ${policy.problem}`))
    let deadline: AbortSignal | undefined
    const signal = (): AbortSignal => {
      deadline ??= runtime.deadline(VERIFIER_DEADLINE)
      return deadline
    }
    const context: VerifierContext<unknown> = {
      policy: policy.value,
      identity,
      source,
      now: occasion.now,
      check: occasion.checks.note,
      notice: occasion.checks.notice,
      rehearsal: occasion.rehearsal,
      // A verifier that asks nobody needs none, and a timer costs more than its whole verdict.
      get signal() {
        return signal()
      },
      fetch: runtime.fetch,
      ...(stored !== undefined && { stored }),
    }
    try {
      const answer: unknown = verifier.verify(credential, context)
      const verdict = isVerdict(answer) ? answer : await Promise.race([answer, expiryOf(signal())])
      if (isVerdict(verdict)) return verdict
      throw new TypeError('The verifier answered neither an attestation nor a rejection')
    } catch (error) {
      throw isCountersignError(error) && error.code === 'unavailable' ? error : unavailable(error)
    }
  }
}

/** A policy together with what its template holds. */
function openWhole(
  parts: Pick<Parts, 'verifiers' | 'rootKeys'>,
  { authMethod, template }: LoginState,
): Promise<unknown> | unknown {
  if (authMethod.template === undefined) return openPolicy(parts, authMethod)
  if (template === undefined) throw unavailable(new Error('A template was not answered'))
  return joinTemplate(parts, authMethod, template)
}

/** A plug-in may have been written without types: what is no clear yes is never taken for one. */
function isVerdict(answer: unknown): answer is Attestation | Rejection {
  if (typeof answer !== 'object' || answer === null) return false
  return isRejection(answer) || ('subject' in answer && typeof answer.subject === 'string')
}

/** Throws `unavailable` when a verifier has taken too long. */
export function expiryOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const expire = (): void =>
      reject(new CountersignError('unavailable', 'The verifier did not answer in time'))
    if (signal.aborted) expire()
    else signal.addEventListener('abort', expire, { once: true })
  })
}
