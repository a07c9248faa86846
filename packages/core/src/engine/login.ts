import { unavailable } from '../errors.ts'
import { mintNonce } from '../lib/ids.ts'
import { days, fromEpochSeconds, later, toEpochSeconds } from '../lib/time.ts'
import type { Attestation } from '../model/attestation.ts'
import { textClaimsOf } from '../model/attestation.ts'
import type { EventDraft } from '../model/event.ts'
import type { Grant, LoginOptions } from '../model/grant.ts'
import { KNOWN_SOURCE_DAYS } from '../model/lockout.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import { lastExpiryOf, lifetimeOf } from '../model/token-policy.ts'
import type { LoginGrant, LoginState } from '../ports/login-store.ts'
import { createAppraise } from './appraise.ts'
import type { Attempt } from './attempt.ts'
import { parseAttempt } from './attempt.ts'
import type { Session } from './issue-token.ts'
import { createIssueToken, endOfSession } from './issue-token.ts'
import type { Parts } from './parts.ts'
import { createRefuseLogin } from './refuse-login.ts'
import type { Situation } from './situation.ts'
import { createSituate } from './situation.ts'
import { toEventSource } from './stamp.ts'
import type { TokenWishes } from './token-wishes.ts'
import { parseWishes, refuseWishes, wished } from './token-wishes.ts'

/** Exchanges a credential for a short-lived access token. */
export type Login = (request: unknown, source: Source, options?: LoginOptions) => Promise<Grant>

/** An attempt that was judged, and accepted. */
interface Accepted extends Situation {
  readonly state: LoginState
  readonly attestation: Attestation
  /** The values of the attestation that rules may refer to; absent where there are none. */
  readonly claims: Readonly<Record<string, string>> | undefined
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
  async function logIn(
    attempt: Attempt,
    wishes: TokenWishes,
    options: LoginOptions,
  ): Promise<Grant | undefined> {
    const situation = await situate(attempt)
    const verdict = await judge(situation)
    if (isRejection(verdict)) throw await refuse(situation, verdict)
    const unwished = refuseWishes(verdict.state.authMethod.tokenPolicy, wishes)
    if (unwished !== undefined) throw await refuse.wish(situation, new Rejection(unwished))
    const opened = openSession(verdict, mintNonce(parts.runtime.random))
    const session = { ...opened, ...wished(wishes) }
    const ttl = lifetimeOf(session.authMethod.tokenPolicy, parts.maxTokenAge)
    const token = await issueToken(session, ttl, situation.now, options)
    const tooLate = await settle(verdict, session, token.jti)
    if (tooLate?.reason === 'identity_changed') return undefined
    if (tooLate !== undefined) throw await refuse(situation, tooLate)
    return token.grant
  }

  return async function login(request, source, options = {}) {
    const attempt = parseAttempt(parts, request, source)
    const wishes = parseWishes(parts, options)
    await parts.rateLimits.admitLogin(attempt)
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const grant = await logIn(attempt, wishes, options)
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
    return isRejection(claims) ? claims : { ...situation, state, attestation, claims }
  }
}

function openSession({ state, attestation, claims, now }: Accepted, id: string): Session {
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
    const { attempt, state, attestation, guard, now, checks } = accepted
    const { organization, id: identity, generation } = state.identity
    const remember = sourceToRemember(accepted)
    const redigest = newestDigest(accepted)
    const grant: LoginGrant = {
      organization,
      identity,
      generation,
      authMethod: state.authMethod.id,
      charges: attestation.charges ?? [],
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
    source: attempt.network,
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
