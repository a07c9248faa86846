import { unavailable } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import { mintNonce } from '../lib/ids.ts'
import { days, fromEpochSeconds, later, toEpochSeconds } from '../lib/time.ts'
import type { Attestation } from '../model/attestation.ts'
import { textClaimsOf } from '../model/attestation.ts'
import type { Confirmation } from '../model/confirmation.ts'
import type { EventDraft } from '../model/event.ts'
import type { Grant, GrantOptions } from '../model/grant.ts'
import { KNOWN_SOURCE_DAYS, lockoutSourceOf } from '../model/lockout.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { grantsAudience, lastExpiryOf, lifetimeOf } from '../model/token-policy.ts'
import type { LoginGrant, LoginState } from '../ports/login-store.ts'
import { createAppraise } from './appraise.ts'
import type { Attempt } from './attempt.ts'
import { parseAttempt, withProof } from './attempt.ts'
import { bindLogin } from './bind.ts'
import type { ParsedOptions } from './grant-options.ts'
import { parseGrantOptions, wrongTarget } from './grant-options.ts'
import type { Session } from './issue-token.ts'
import { createIssueToken, endOfSession } from './issue-token.ts'
import type { Parts } from './parts.ts'
import { createRefuseLogin } from './refuse-login.ts'
import type { Situation } from './situation.ts'
import { createSituate } from './situation.ts'
import { toEventSource } from './stamp.ts'

/** Exchanges a credential for a short-lived access token. */
export type Login = (request: unknown, source: Source, options?: GrantOptions) => Promise<Grant>

/** An attempt that was judged, and accepted. */
interface Accepted extends Situation {
  readonly state: LoginState
  readonly attestation: Attestation
  /** The values of the attestation that rules may refer to; absent where there are none. */
  readonly claims: Readonly<Record<string, string>> | undefined
  /** What its tokens are bound to; absent where they are bearers. */
  readonly confirmation: Confirmation | undefined
}

/**
 * Creates the login: one read, one judgement, one guarded statement.
 *
 * Checks come before charges. Every refusal is a strike, but for those of the lock itself; what the caller learns is one
 * of two answers.
 */
export function createLogin(parts: Parts): Login {
  const situate = createSituate(parts)
  const judge = createJudge(parts)
  const issueToken = createIssueToken(parts)
  const refuse = createRefuseLogin(parts)
  const settle = createSettle(parts)

  /** Answers nothing where the identity changed between the judgement and the statement: nothing was committed then. */
  async function logIn(attempt: Attempt, options: ParsedOptions): Promise<Grant | undefined> {
    const situation = await situate(attempt)
    const verdict = await judge(situation)
    if (isRejection(verdict)) throw await refuse(situation, verdict)
    const { restriction, audience } = options
    if (audience !== undefined && !grantsAudience(verdict.state.authMethod.tokenPolicy, audience)) {
      await refuse.note(situation, new Rejection('invalid_target'))
      throw wrongTarget()
    }
    const id = mintNonce(parts.runtime.random)
    const session = {
      ...openSession(verdict, id),
      ...defined({ restriction, audience }),
    }
    const ttl = lifetimeOf(session.authMethod.tokenPolicy, parts.maxTokenAge)
    const token = await issueToken(session, ttl, situation.now, options)
    const tooLate = await settle(verdict, session, token.jti)
    if (tooLate?.reason === 'identity_changed') return undefined
    if (tooLate !== undefined) throw await refuse(situation, tooLate)
    return token.grant
  }

  return async function login(request, source, options = {}) {
    const parsed = parseAttempt(parts, request, source)
    const said = parseGrantOptions(parts, options)
    await parts.rateLimits.admitLogin(parsed)
    const attempt = await withProof(parsed, parts.clock.now())
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const grant = await logIn(attempt, said)
      if (grant !== undefined) return grant
    }
    throw unavailable(new Error('The identity changed at every try'))
  }
}

/** How often a login starts over because its identity changed meanwhile. */
const MOST_TRIES = 5

function createJudge(parts: Parts): (situation: Situation) => Promise<Accepted | Rejection> {
  const appraise = createAppraise(parts)

  return async (situation) => {
    const { attempt, state, admitted, guard, now, checks } = situation
    const locked = guard?.refuse(now)
    if (locked !== undefined) return locked
    if (state === undefined) return new Rejection('unknown_client')
    if (!admitted) return new Rejection('ip_not_allowed')
    if (state.identity.disabled) return new Rejection('identity_disabled')
    const attestation = await appraise(attempt, state, { now, checks, rehearsal: false })
    if (isRejection(attestation)) return attestation
    const claims = textClaimsOf(attestation)
    if (isRejection(claims)) return claims
    const { source, proof } = attempt
    const confirmation = bindLogin(attestation, state.authMethod, source, proof)
    if (isRejection(confirmation)) return confirmation
    return { ...situation, state, attestation, claims, confirmation }
  }
}

function openSession(accepted: Accepted, id: string): Session {
  const { state, attestation, claims, confirmation, now } = accepted
  const { identity, authMethod, epoch } = state
  const { maxUses } = authMethod.tokenPolicy
  const loggedInAt = fromEpochSeconds(toEpochSeconds(now))
  const lastExpiry = lastExpiryOf(authMethod.tokenPolicy, loggedInAt)
  const charge = attestation.charges?.find(({ kind }) => kind === 'use')
  return {
    id,
    epoch,
    identity,
    authMethod,
    loggedInAt,
    ...(lastExpiry !== undefined && { lastExpiry }),
    ...(charge?.kind === 'use' && { credential: charge.credential }),
    ...(maxUses !== undefined && { maxUses }),
    ...(claims !== undefined && { claims }),
    ...(confirmation !== undefined && { confirmation }),
  }
}

/** Commits an accepted login with its event; answers why not, where something changed since it was judged. */
function createSettle(parts: Parts) {
  const { storage, stamp, statistics, maxTokenAge } = parts
  return async (
    accepted: Accepted,
    session: Session,
    jti: string,
  ): Promise<Rejection | undefined> => {
    const { attempt, state, guard, now, checks } = accepted
    const { organization, id: identity, generation } = state.identity
    const remember = sourceToRemember(accepted)
    const redigest = newestDigest(accepted)
    const grant: LoginGrant = {
      organization,
      identity,
      generation,
      authMethod: state.authMethod.id,
      charges: chargesOf(accepted),
      ...(guard?.key !== undefined && { lockout: guard.key }),
      ...(remember !== undefined && { remember }),
      ...(redigest !== undefined && { redigest }),
      ...(session.maxUses !== undefined && {
        counted: { session: session.id, until: endOfSession(session.lastExpiry, now, maxTokenAge) },
      }),
    }
    const granted = stamp({
      ...draftOf(attempt.source, session),
      details: {
        method: attempt.method,
        revision: state.authMethod.revision,
        jti,
        ...checks.details(),
      },
    })
    const refusal = await storage.logins.grant(grant, now, [granted])
    if (refusal === 'too_many_attempts' && guard !== undefined) return guard.overtaken()
    if (refusal !== undefined) return new Rejection(refusal)
    const uncounted = state.stored !== undefined && state.stored.maxUses === undefined
    const use = { organization, identity, ...(uncounted && { credential: state.stored.id }) }
    statistics.add(use, now)
    return undefined
  }
}

/** A proof counts once, as evidence that a verifier accepts does. */
function chargesOf({ attestation, attempt }: Accepted): LoginGrant['charges'] {
  const { charges = [] } = attestation
  const { proof } = attempt
  return proof === undefined ? charges : [...charges, { kind: 'once', ...proof.mark }]
}

function draftOf(source: Source, { id, identity }: Session): EventDraft {
  return {
    type: 'login.granted',
    organization: identity.organization,
    actor: { kind: 'identity', id: identity.id },
    target: { kind: 'token', id },
    ...toEventSource(source),
  }
}

/** A source is remembered at its first grant, and then at most once a day: most logins write nothing for it. */
function sourceToRemember({ attempt, state, now }: Accepted): LoginGrant['remember'] {
  if (state.authMethod.lockout === 'off' || state.authMethod.lockout.scope === 'identity')
    return undefined
  if (state.knownSince !== undefined && now < later(state.knownSince, days(1))) return undefined
  return {
    method: attempt.method,
    source: lockoutSourceOf(attempt.network, attempt.account),
    until: later(now, days(KNOWN_SOURCE_DAYS)),
  }
}

/** A credential that was found by an older root key gets a digest under the newest one, at this very use. */
function newestDigest({ attempt, state }: Accepted): LoginGrant['redigest'] {
  const { stored, storedUnder } = state
  const [digest] = attempt.digests
  if (stored === undefined || digest === undefined || storedUnder === digest.rootKey)
    return undefined
  return { credential: stored.id, digest }
}
