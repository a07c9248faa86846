import { createCells } from './cache/cells.ts'
import { createCompiledNetworks } from './cache/compiled-networks.ts'
import { createCompiledRules } from './cache/compiled-rules.ts'
import { createForgeries } from './cache/forgeries.ts'
import { createLocalRateLimiter } from './cache/local-rate-limiter.ts'
import type { RememberingCheck, SeenTokensLimits } from './cache/seen-tokens.ts'
import { withSeenTokens } from './cache/seen-tokens.ts'
import { createShadowLockouts } from './cache/shadow-lockouts.ts'
import { withAvailability } from './engine/availability.ts'
import type { Clock } from './engine/clock.ts'
import { createClock } from './engine/clock.ts'
import { createKeyRing } from './engine/key-ring.ts'
import { createHostKeys } from './engine/keys.ts'
import { indexVerifiers } from './engine/methods.ts'
import { noticesOf } from './engine/notices.ts'
import type { Parts } from './engine/parts.ts'
import { createPrincipals } from './engine/principals.ts'
import { createRateLimits } from './engine/rate-limits.ts'
import { createRefusals } from './engine/refusals.ts'
import { USUAL_ROTATION } from './engine/rotate-keys.ts'
import { createAdmits } from './engine/source.ts'
import { createStamp } from './engine/stamp.ts'
import { createStatistics } from './engine/statistics.ts'
import { createTokenCheck } from './engine/token-check.ts'
import type { EngineSettings } from './input/options.ts'
import { parseRootKeys, parseWords } from './input/options.ts'
import { mintNonce } from './lib/ids.ts'
import { token } from './methods/token.ts'
import { universal } from './methods/universal.ts'
import type { Freshness } from './model/permission/cell.ts'
import { createCompileBound } from './model/permission/compile-bound.ts'
import { compileRuleSet } from './model/permission/rule-set.ts'
import { DEFAULT_MAX_TOKEN_AGE } from './model/token-policy.ts'
import type { Runtime } from './ports/runtime.ts'
import type { Storage } from './ports/storage.ts'
import type { Verifier } from './ports/verifier.ts'
import type { Remembering } from './remember.ts'
import { rememberAround } from './remember.ts'
import type { CountersignOptions } from './surface.ts'
import type { Instruments } from './telemetry/instruments.ts'
import { measure } from './telemetry/telemetry.ts'

/** What an engine is built from, beside plain settings. */
export type Wired = Pick<
  CountersignOptions<readonly Verifier[]>,
  'storage' | 'verifiers' | 'signer' | 'sinks' | 'channel' | 'rateLimiter' | 'meter'
>

/** Seconds that an answer of the authority may be repeated on a node. */
const DEFAULT_CACHE_TTL = 1
/** Seconds that a principal answers for, when nobody asked the authority about its subject again. */
const DEFAULT_PRINCIPAL_TTL = 30

/** How much one node remembers at the most. */
export interface Memory {
  readonly seen: SeenTokensLimits
  readonly sessions: number
  readonly staticTokens: { readonly tokens: number; readonly unknown: number }
  readonly networkLists: number
  /** Rules of all roles together, compiled. */
  readonly rules: number
  /** Ids that no organization knows, and that somebody tries. */
  readonly unknownIds: number
  /** Addresses, identities and credentials whose logins are counted. */
  readonly rateKeys: number
}

/** The memory of a node that serves. */
export const USUAL_MEMORY: Memory = {
  seen: { tokens: 50_000, bytes: 48 * 1024 * 1024, refused: 10_000 },
  sessions: 50_000,
  staticTokens: { tokens: 50_000, unknown: 10_000 },
  networkLists: 10_000,
  rules: 100_000,
  unknownIds: 65_536,
  rateKeys: 65_536,
}

/** The memory of a node that lives for one test: room for thousands takes 20 ms to make. */
export const SMALL_MEMORY: Memory = {
  seen: { tokens: 200, bytes: 1024 * 1024, refused: 200 },
  sessions: 200,
  staticTokens: { tokens: 200, unknown: 200 },
  networkLists: 200,
  rules: 10_000,
  unknownIds: 200,
  rateKeys: 200,
}

/** The parts of an engine, and its instruments where somebody measures. */
export interface Wiring extends Parts {
  readonly instruments?: Instruments
}

/** Puts the parts of an engine together, with everything that a node remembers around the ports. */
export function assemble(
  runtime: Runtime,
  settings: EngineSettings,
  wired: Wired,
  memory: Memory,
): Wiring {
  const { storage: authority, ...measured } = measure(
    withAvailability(wired.storage),
    [universal, token, ...(wired.verifiers ?? [])],
    { meter: wired.meter, clock: runtime.clock, cacheBytes: () => trusted.tokenCheck.bytes() },
  )
  const clock = createClock(authority, runtime.clock)
  const stamp = createStamp(clock, runtime.random)
  const refusals = createRefusals(clock, stamp)
  const trusted = trustOf({ authority, clock, stamp, runtime, memory }, settings, wired)
  const freshness = freshnessOf(settings)
  const permissions = permissionsOf(settings, authority, memory, clock)
  return {
    ...trusted,
    ...rememberAround(authority, {
      ...memory,
      ttl: freshness.cacheTtl,
      cells: permissions.cells,
      ...voiceOf({ runtime, clock }, wired, measured.instruments),
      forgetKeys() {
        trusted.keys.forget()
        trusted.tokenCheck.forget()
      },
    }),
    ...permissions,
    ...auditOf(settings, authority),
    notices: noticesOf(settings.notices),
    runtime,
    clock,
    stamp,
    refusals,
    rateLimits: createRateLimits(
      { limiter: wired.rateLimiter ?? createLocalRateLimiter(memory.rateKeys), clock, refusals },
      settings.rateLimits ?? {},
    ),
    forgeries: createForgeries(memory.rateKeys),
    admits: createAdmits(createCompiledNetworks(memory.networkLists)),
    statistics: createStatistics(authority, clock),
    shadow: createShadowLockouts(memory.unknownIds),
    principals: createPrincipals({ ...permissions, storage: authority }, freshness, clock.now),
    verifiers: indexVerifiers(measured.verifiers),
    ...(measured.instruments && { instruments: measured.instruments }),
    maxTokenAge: settings.maxTokenAge ?? DEFAULT_MAX_TOKEN_AGE,
    ...formsOf(settings),
  }
}

/** How long a node may repeat what it heard. */
function freshnessOf({
  cacheTtl = DEFAULT_CACHE_TTL,
  principalTtl = DEFAULT_PRINCIPAL_TTL,
}: EngineSettings): Freshness {
  return { cacheTtl, principalTtl }
}

/** How a node speaks on the channel, and what it measures there. */
function voiceOf(
  { runtime, clock }: Pick<Parts, 'runtime' | 'clock'>,
  { channel }: Wired,
  instruments: Instruments | undefined,
): Pick<Remembering, 'channel' | 'node' | 'now' | 'onLag'> {
  const node = mintNonce(runtime.random)
  return { channel, node, now: clock.now, onLag: instruments?.channelLag }
}

/** What keys and their checks are made with. */
interface Workshop extends Pick<Parts, 'clock' | 'stamp' | 'runtime'> {
  readonly authority: Storage
  readonly memory: Memory
}

/** By which keys tokens are signed, checked and digested. */
function trustOf(
  { authority, clock, stamp, runtime, memory }: Workshop,
  settings: EngineSettings,
  wired: Wired,
): Pick<Parts, 'issuer' | 'rootKeys' | 'keys' | 'algorithm' | 'retiredRootKeys' | 'rotateEvery'> & {
  readonly tokenCheck: RememberingCheck
} {
  const { issuer, retiredRootKeys = [] } = settings
  const rootKeys = parseRootKeys(settings.rootKeys)
  const algorithm = settings.signing?.algorithm ?? 'EdDSA'
  const ring = { keys: authority.keys, rootKeys, clock, stamp, runtime, algorithm }
  const keys = wired.signer === undefined ? createKeyRing(ring) : createHostKeys(wired.signer)
  const tokenCheck = withSeenTokens(
    createTokenCheck({ issuer, audience: issuer, keys }),
    memory.seen,
  )
  const rotation = rotationOf(settings, wired)
  return { issuer, rootKeys, keys, algorithm, tokenCheck, retiredRootKeys, ...rotation }
}

/** The host's words, and what this node knows of everybody's permissions. */
function permissionsOf(
  settings: EngineSettings,
  { roleBindings }: Storage,
  { rules }: Memory,
  { now }: Clock,
): Pick<Parts, 'vocabulary' | 'codeRoles' | 'cells' | 'compileFresh'> {
  const words = parseWords(settings)
  const { vocabulary, codeRoles } = words
  const compileFresh = createCompileBound(codeRoles, (_name, written) =>
    compileRuleSet(vocabulary, written),
  )
  const compileBound = createCompileBound(codeRoles, createCompiledRules(vocabulary, rules))
  return {
    ...words,
    compileFresh,
    cells: createCells({ vocabulary, compileBound, roleBindings, now }),
  }
}

/** What our secrets look like. */
function formsOf({
  prefix = 'cst',
}: EngineSettings): Pick<Parts, 'secretForm' | 'staticTokenForm'> {
  return { secretForm: { prefix, kind: 'cs' }, staticTokenForm: { prefix, kind: 'st' } }
}

function auditOf(
  { audit = {} }: EngineSettings,
  { trail }: Storage,
): Pick<Parts, 'audit' | 'trail'> {
  return { audit, trail }
}

/** A host's own signer is rotated by the host. */
function rotationOf({ signing }: EngineSettings, { signer }: Wired): Pick<Parts, 'rotateEvery'> {
  const { rotateEvery = USUAL_ROTATION } = signing ?? {}
  return signer !== undefined || rotateEvery === 'never' ? {} : { rotateEvery }
}
