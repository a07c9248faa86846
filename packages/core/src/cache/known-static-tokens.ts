import { LRUCache } from 'lru-cache'
import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import type { Seconds } from '../lib/time.ts'
import type { Digest } from '../model/credential.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { StaticTokenStanding, StaticTokenStore } from '../ports/static-token-store.ts'
import { createRecall } from './recall.ts'

/** How long and how much a node remembers of static tokens. */
export interface KnownStaticTokensLimits {
  /** Seconds that an answer may be repeated, from the instant the authority was asked; 0 asks every time. */
  readonly ttl: Seconds
  /** Tokens that were found. */
  readonly tokens: number
  /** Texts that were none: fewer, so that guessing does not push the others out. */
  readonly unknown: number
}

/** A store of static tokens that remembers what stands, and can forget it. */
export interface RememberingStaticTokens extends StaticTokenStore {
  forget(invalidation: Invalidation): void
}

/**
 * Decorates a store so that what stands behind a static token is asked for once per `ttl`. It keeps digests, never a
 * token. Limited tokens are never answered from here.
 */
export function withKnownStaticTokens(
  inner: StaticTokenStore,
  { ttl, tokens, unknown: strangers }: KnownStaticTokensLimits,
): RememberingStaticTokens {
  const unknown = new LRUCache<string, number>({ max: strangers })
  const known = createRecall<readonly Digest[], StaticTokenStanding | undefined>({
    ttl,
    most: tokens,
    keyOf: nameOf,
    ask: (digests, now) => inner.findByDigest(digests, now),
    ownerOf: (standing) =>
      standing?.token.maxUses === undefined ? standing?.identity.id : undefined,
  })

  function ask(
    digests: readonly Digest[],
    now: Date,
  ): MaybePromise<StaticTokenStanding | undefined> {
    return after(known.find(digests, now), (standing) => {
      if (standing === undefined) unknown.set(nameOf(digests), now.getTime())
      return standing
    })
  }

  return {
    ...inner,
    findByDigest(digests, now) {
      const askedAt = unknown.get(nameOf(digests))
      const age = askedAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - askedAt
      return age >= 0 && age < ttl * 1000 ? undefined : ask(digests, now)
    },
    async insert(token, digest, events) {
      const inserted = await inner.insert(token, digest, events)
      known.forget(digest.value)
      unknown.delete(digest.value)
      return inserted
    },
    async use(use, now, events) {
      const refusal = await inner.use(use, now, events)
      // It is found by another digest from now on.
      if (use.redigest !== undefined) known.forget(use.redigest.value)
      return refusal
    },
    forget(invalidation) {
      if (invalidation.kind === 'identity') known.forgetOwner(invalidation.id)
      else if (!UNRELATED.has(invalidation.kind)) known.forgetAll()
    },
  }
}

/** What says nothing about static tokens. */
const UNRELATED: ReadonlySet<Invalidation['kind']> = new Set(['session', 'keys', 'user'])

/** All digests of one token change together, so that the newest names it. */
function nameOf([newest]: readonly Digest[]): string {
  return newest?.value ?? ''
}
