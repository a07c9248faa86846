import type { Memory, Wiring } from './assemble.ts'
import { assemble, SMALL_MEMORY, USUAL_MEMORY } from './assemble.ts'
import { createAttachedMethod } from './engine/attached-method.ts'
import { createAuthenticate } from './engine/authenticate.ts'
import { createKeepCheckpoints } from './engine/checkpoints.ts'
import type { HandOver } from './engine/hand-over.ts'
import { createHandOver, finishHandOver } from './engine/hand-over.ts'
import { createHealth } from './engine/health.ts'
import { createIntrospect } from './engine/introspect.ts'
import { createStaticTokenJudge } from './engine/judge-static-token.ts'
import { createJudgeToken } from './engine/judge-token.ts'
import { createLogin } from './engine/login.ts'
import { correctClock, createMaintain } from './engine/maintain.ts'
import type { Access } from './engine/manage/access.ts'
import { accessTo, accessWithin } from './engine/manage/access.ts'
import { hostAuthority, principalAuthority } from './engine/manage/authority.ts'
import type { Performer } from './engine/manage/command.ts'
import {
  createHostManagement,
  createManagement,
  createTenantManagement,
} from './engine/manage/management.ts'
import type { MethodsOf, MethodTable } from './engine/methods.ts'
import type { Parts } from './engine/parts.ts'
import { createContinuations } from './engine/renew.ts'
import { createRevoke } from './engine/revoke.ts'
import { checkRootKeys } from './engine/root-keys.ts'
import { createRun } from './engine/run.ts'
import { createSequence } from './engine/sequence.ts'
import { createSourceOf } from './engine/source.ts'
import { createRecognizes, createTokenCheck } from './engine/token-check.ts'
import { checkVocabulary, reportVocabulary } from './engine/vocabulary-check.ts'
import { createWatch } from './engine/watch.ts'
import { parseSettings, parseTrustedProxies } from './input/options.ts'
import type { Principal } from './model/permission/principal.ts'
import type { Resources } from './model/resources.ts'
import type { Tracer } from './ports/meter.ts'
import type { Runtime } from './ports/runtime.ts'
import type { Verifier } from './ports/verifier.ts'
import type { WiredMethod } from './ports/wire-mapping.ts'
import type { BuiltInMethods, Countersign, CountersignOptions } from './surface.ts'
import { systemRuntime } from './system-runtime.ts'
import { outcomeOf, timeLogin, trace } from './telemetry/telemetry.ts'

/**
 * Creates an engine. It starts nothing and asks nobody: call `ready()` before the first request, and `run()` where a
 * process may work in the background.
 *
 * @throws `invalid_request` where an option is unusable; the message names it.
 */
export function createCountersign<
  const Verifiers extends readonly Verifier[] = readonly [],
  const R extends Resources = NoResources,
  const Slug extends string = never,
>(
  options: CountersignOptions<Verifiers, R, Slug>,
): Countersign<BuiltInMethods & MethodsOf<Verifiers>, R, Slug> {
  return createCountersignWith(systemRuntime, options)
}

/** Creates an engine on a runtime of the caller's: for tests that move the clock by hand. No app imports this. */
export function createCountersignWith<
  const Verifiers extends readonly Verifier[] = readonly [],
  const R extends Resources = NoResources,
  const Slug extends string = never,
>(
  runtime: Runtime,
  options: CountersignOptions<Verifiers, R, Slug>,
): Countersign<BuiltInMethods & MethodsOf<Verifiers>, R, Slug> {
  return build(runtime, options, USUAL_MEMORY).countersign
}

/** An engine that a test looks into. */
export interface ObservedCountersign<
  Methods extends MethodTable = BuiltInMethods,
  R extends Resources = Resources,
  Slug extends string = string,
> {
  readonly countersign: Countersign<Methods, R, Slug>
  /** Hands every sink all that happened so far, as `close()` would, and leaves the engine running. */
  tellSinks(): Promise<void>
}

/** Creates an engine that is cheap, and whose events need not be waited for: for tests. No app imports this. */
export function createObservedCountersign<
  const Verifiers extends readonly Verifier[] = readonly [],
  const R extends Resources = NoResources,
  const Slug extends string = never,
>(
  runtime: Runtime,
  options: CountersignOptions<Verifiers, R, Slug>,
): ObservedCountersign<BuiltInMethods & MethodsOf<Verifiers>, R, Slug> {
  return build(runtime, options, SMALL_MEMORY)
}

/** The vocabulary of a host that declares none. */
type NoResources = Readonly<Record<never, never>>

function build<Verifiers extends readonly Verifier[], R extends Resources, Slug extends string>(
  runtime: Runtime,
  options: CountersignOptions<Verifiers, R, Slug>,
  memory: Memory,
): ObservedCountersign<BuiltInMethods & MethodsOf<Verifiers>, R, Slug> {
  const settings = parseSettings(options)
  const parts = assemble(runtime, settings, options, memory)
  const handOver = createHandOver(parts, createSequence(parts), options.sinks ?? [])
  const countersign = Object.freeze({
    issuer: parts.issuer,
    methods: methodsOf(parts),
    ...tokenVerbs(parts, options.tracer),
    ...managementOf(parts),
    ...lifeOf(parts, handOver),
    watch: createWatch(parts),
    health: createHealth(parts, options),
    sourceOf: createSourceOf(
      parseTrustedProxies(settings.trustedProxies),
      settings.clientCertificate,
      parts.issuer,
    ),
    // Which methods there are is known to types alone; at runtime every input is parsed.
  }) as unknown as Countersign<BuiltInMethods & MethodsOf<Verifiers>, R, Slug>
  return {
    countersign,
    async tellSinks() {
      let all = false
      while (!all) all = await handOver(parts.refusals.takeAll)
    },
  }
}

function methodsOf({ verifiers }: Pick<Wiring, 'verifiers'>): readonly WiredMethod[] {
  return [...verifiers.values()].map(({ method, wire, oauth }) => ({
    method,
    ...(wire && { wire }),
    ...(oauth && { oauth }),
  }))
}

function tokenVerbs(parts: Wiring, tracer: Tracer | undefined) {
  const { instruments, verifiers, runtime } = parts
  const judgeToken = createJudgeToken(parts)
  const anyAudience = forAnyAudience(parts)
  const staticTokens = createStaticTokenJudge(parts)
  const login = createLogin(parts)
  const isMethod = (name: unknown): boolean => verifiers.has(name as string)
  const timed = instruments ? timeLogin(login, instruments, isMethod, runtime.clock) : login
  const { authenticate, tryAuthenticate } = createAuthenticate(
    parts,
    judgeToken,
    staticTokens,
    instruments &&
      ((end, isKnown) => instruments.authenticate(outcomeOf(end), isKnown ? 'hit' : 'miss')),
  )
  return {
    login: trace('countersign.login', timed, tracer),
    authenticate: trace('countersign.authenticate', authenticate, tracer),
    tryAuthenticate: trace('countersign.authenticate', tryAuthenticate, tracer),
    recognizes: createRecognizes(parts, staticTokens),
    ...createContinuations(parts, judgeToken, staticTokens),
    revoke: createRevoke(anyAudience, staticTokens),
    introspect: createIntrospect(parts, createJudgeToken(anyAudience), staticTokens),
    attachedMethod: createAttachedMethod(parts),
    jwks: parts.keys.jwks,
  }
}

/** What is told of a token, or ended, may be a token for another service: it opens nothing here. */
function forAnyAudience(parts: Wiring): Wiring {
  const { issuer, keys, tokenCheck } = parts
  const { forget } = tokenCheck
  return { ...parts, tokenCheck: { ...createTokenCheck({ issuer, keys }), forget } }
}

function managementOf(parts: Parts) {
  return {
    principalFor: parts.principals.vouchFor,
    ...managedBy(parts, accessTo(parts.storage), createHostManagement),
    within: (transaction: unknown) =>
      managedBy(parts, accessWithin(parts.storage, transaction), createTenantManagement),
  }
}

function managedBy<Surface>(
  parts: Parts,
  access: Access,
  manageAsHost: (performer: Performer) => Surface,
) {
  return {
    asHost: (label: string) => manageAsHost({ parts, access, authority: hostAuthority(label) }),
    as(principal: Principal) {
      const authority = principalAuthority(parts, parts.principals.groundsOf(principal))
      return createManagement({ parts, access, authority })
    },
  }
}

function lifeOf(parts: Parts, handOver: HandOver) {
  const { storage, keys, refusals, statistics } = parts
  const maintain = createMaintain(parts, handOver, createKeepCheckpoints(parts))
  return {
    maintain,
    run: createRun(parts, maintain),
    async ready() {
      await storage.ready()
      await correctClock(parts)
      await checkRootKeys(parts)
      await keys.signer()
      await reportVocabulary(parts)
    },
    checkVocabulary: () => checkVocabulary(parts),
    async close() {
      await statistics.flushAll()
      await finishHandOver(handOver, refusals.takeAll)
      await storage.close()
    },
  }
}
