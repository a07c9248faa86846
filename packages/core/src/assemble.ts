import { withAnnouncements } from './cache/announce.ts'
import { createCells } from './cache/cells.ts'
import { createCompiledNetworks } from './cache/compiled-networks.ts'
import { createCompiledRules } from './cache/compiled-rules.ts'
import { withKnownStaticTokens } from './cache/known-static-tokens.ts'
import { withCells } from './cache/learn.ts'
import type { SeenTokensLimits } from './cache/seen-tokens.ts'
import { withSeenTokens } from './cache/seen-tokens.ts'
import { createShadowLockouts } from './cache/shadow-lockouts.ts'
import { withStandings } from './cache/standings.ts'
import { withAvailability } from './engine/availability.ts'
import type { Clock } from './engine/clock.ts'
import { createClock } from './engine/clock.ts'
import { createKeyRing } from './engine/key-ring.ts'
import { createHostKeys } from './engine/keys.ts'
import { indexVerifiers } from './engine/methods.ts'
import type { Parts } from './engine/parts.ts'
import { createPrincipals } from './engine/principals.ts'
import { createRefusals } from './engine/refusals.ts'
import { createAdmits } from './engine/source.ts'
import { createStamp } from './engine/stamp.ts'
import { createStatistics } from './engine/statistics.ts'
import { createTokenCheck } from './engine/token-check.ts'
import type { EngineSettings } from './input/options.ts'
import { parseRootKeys, parseWords } from './input/options.ts'
import type { Seconds } from './lib/time.ts'
import { days } from './lib/time.ts'
import { token } from './methods/token.ts'
import { universal } from './methods/universal.ts'
import { createCompileBound } from './model/permission/compile-bound.ts'
import { compileRuleSet } from './model/permission/rule-set.ts'
import { DEFAULT_MAX_TOKEN_AGE } from './model/token-policy.ts'
import type { Cells } from './ports/cells.ts'
import type { Invalidation } from './ports/channel.ts'
import type { Runtime } from './ports/runtime.ts'
import type { Storage } from './ports/storage.ts'
import type { Verifier } from './ports/verifier.ts'
import type { CountersignOptions } from './surface.ts'

/** What an engine is built from, beside plain settings. */
export type Wired = Pick<
  CountersignOptions<readonly Verifier[]>,
  'storage' | 'verifiers' | 'signer' | 'sinks'
>

/** Seconds that an answer of the authority may be repeated on a node. */
const DEFAULT_CACHE_TTL = 1
/** Seconds that a principal answers for, when nobody asked the authority about its subject again. */
const DEFAULT_PRINCIPAL_TTL = 30
/** How long a signing key signs. */
const DEFAULT_ROTATION = days(90)

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
}

/** The memory of a node that serves. */
export const USUAL_MEMORY: Memory = {
  seen: { tokens: 50_000, bytes: 48 * 1024 * 1024, refused: 10_000 },
  sessions: 50_000,
  staticTokens: { tokens: 50_000, unknown: 10_000 },
  networkLists: 10_000,
  rules: 100_000,
  unknownIds: 65_536,
}

/** The memory of a node that lives for one test: room for thousands takes 20 ms to make. */
export const SMALL_MEMORY: Memory = {
  seen: { tokens: 200, bytes: 1024 * 1024, refused: 200 },
  sessions: 200,
  staticTokens: { tokens: 200, unknown: 200 },
  networkLists: 200,
  rules: 10_000,
  unknownIds: 200,
}

/** Puts the parts of an engine together, with everything that a node remembers around the ports. */
export function assemble(
  runtime: Runtime,
  settings: EngineSettings,
  wired: Wired,
  memory: Memory,
): Parts {
  const authority = withAvailability(wired.storage)
  const clock = createClock(authority, runtime.clock)
  const stamp = createStamp(clock, runtime.random)
  const { issuer, prefix = 'cst' } = settings
  const rootKeys = parseRootKeys(settings.rootKeys)
  const algorithm = settings.signing?.algorithm ?? 'EdDSA'
  const ring = { keys: authority.keys, rootKeys, clock, stamp, runtime, algorithm }
  const keys = wired.signer === undefined ? createKeyRing(ring) : createHostKeys(wired.signer)
  const { cacheTtl = DEFAULT_CACHE_TTL, principalTtl = DEFAULT_PRINCIPAL_TTL } = settings
  const freshness = { cacheTtl, principalTtl }
  const permissions = permissionsOf(settings, authority, memory, clock)
  const { cells } = permissions
  const tokenCheck = withSeenTokens(
    createTokenCheck({ issuer, audience: issuer, keys }),
    memory.seen,
  )
  return {
    issuer,
    storage: remembering(withCells(authority, cells), { memory, ttl: cacheTtl, cells }, () => {
      keys.forget()
      tokenCheck.forget()
    }),
    ...permissions,
    runtime,
    clock,
    rootKeys,
    keys,
    algorithm,
    ...rotationOf(settings, wired),
    retiredRootKeys: settings.retiredRootKeys ?? [],
    tokenCheck,
    admits: createAdmits(createCompiledNetworks(memory.networkLists)),
    stamp,
    refusals: createRefusals(clock, stamp),
    statistics: createStatistics(authority, clock),
    shadow: createShadowLockouts(memory.unknownIds),
    principals: createPrincipals(permissions, { now: clock.now, freshness }),
    verifiers: indexVerifiers([universal, token, ...(wired.verifiers ?? [])]),
    maxTokenAge: settings.maxTokenAge ?? DEFAULT_MAX_TOKEN_AGE,
    secretForm: { prefix, kind: 'cs' },
    staticTokenForm: { prefix, kind: 'st' },
  }
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

/** Answers standings from memory, and forgets them as soon as this node changes what they are made of. */
function remembering(
  authority: Storage,
  { memory, ttl, cells }: { readonly memory: Memory; readonly ttl: Seconds; readonly cells: Cells },
  forgetKeys: () => void,
): Storage {
  const tokens = withStandings(authority.tokens, { ttl, sessions: memory.sessions })
  const staticTokens = withKnownStaticTokens(authority.staticTokens, {
    ttl,
    ...memory.staticTokens,
  })
  const announce = async (invalidation: Invalidation): Promise<void> => {
    tokens.forget(invalidation)
    staticTokens.forget(invalidation)
    if (invalidation.kind === 'keys' || invalidation.kind === 'everything') forgetKeys()
    await cells.reload(invalidation)
  }
  return withAnnouncements({ ...authority, tokens, staticTokens }, announce)
}

/** A host's own signer is rotated by the host. */
function rotationOf({ signing }: EngineSettings, { signer }: Wired): Pick<Parts, 'rotateEvery'> {
  const { rotateEvery = DEFAULT_ROTATION } = signing ?? {}
  return signer !== undefined || rotateEvery === 'never' ? {} : { rotateEvery }
}
