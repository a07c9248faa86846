import { withAnnouncements } from './cache/announce.ts'
import { withKnownStaticTokens } from './cache/known-static-tokens.ts'
import { withCells } from './cache/learn.ts'
import { withStandings } from './cache/standings.ts'
import type { Seconds } from './lib/time.ts'
import type { Cells } from './ports/cells.ts'
import type { Invalidation, InvalidationChannel } from './ports/channel.ts'
import type { Storage } from './ports/storage.ts'

/** What a node remembers, for how long, and how it hears that it must forget. */
export interface Remembering {
  readonly ttl: Seconds
  readonly sessions: number
  readonly staticTokens: { readonly tokens: number; readonly unknown: number }
  readonly cells: Cells
  /** Forgets the signing keys, and which tokens they signed. */
  readonly forgetKeys: () => void
  readonly channel?: InvalidationChannel | undefined
  /** This node's name among those of the channel. */
  readonly node: string
  readonly now: () => Date
  /** Is told how many seconds a message of another node was under way. */
  readonly onLag?: ((seconds: number) => void) | undefined
}

/** A storage that answers from memory, and the ear that keeps that memory honest. */
export interface Remembered {
  readonly storage: Storage
  /** Hears what other nodes changed, until the function that it answers is called; absent without a channel. */
  readonly listen?: () => Promise<() => void>
  /** Forgets whatever the authority said. */
  readonly forgetAll: () => void
  /** Tells of every change that this node makes or hears of, when it has forgotten what it knew. */
  readonly onChange: (listener: (change: Invalidation) => void) => () => void
}

/**
 * Answers standings from memory, and forgets them as soon as this node, or another one, changes what they are made of.
 *
 * A change is true once it is committed: a channel that cannot carry it costs other nodes freshness within `cacheTtl`, and
 * nobody an error.
 */
export function rememberAround(authority: Storage, known: Remembering): Remembered {
  const { ttl, sessions, cells, channel, node, now } = known
  const learning = withCells(authority, cells)
  const tokens = withStandings(learning.tokens, { ttl, sessions })
  const staticTokens = withKnownStaticTokens(learning.staticTokens, { ttl, ...known.staticTokens })

  const listeners = new Set<(change: Invalidation) => void>()

  function tell(change: Invalidation): void {
    for (const listener of [...listeners]) listener(change)
  }

  function forget(invalidation: Invalidation): void {
    tokens.forget(invalidation)
    staticTokens.forget(invalidation)
    if (invalidation.kind === 'keys' || invalidation.kind === 'everything') known.forgetKeys()
  }

  async function announce(invalidation: Invalidation): Promise<void> {
    forget(invalidation)
    try {
      await cells.reload(invalidation)
    } finally {
      // The change is made: all others are told of it, even where this node could not ask.
      tell(invalidation)
      const message = { ...invalidation, from: node, at: now().getTime() }
      await channel?.publish(message).catch(() => undefined)
    }
  }

  function hear(invalidation: Invalidation): void {
    // What this node changed, it has forgotten and read again.
    if (invalidation.from === node) return
    forget(invalidation)
    cells.forget(invalidation)
    tell(invalidation)
    measureLag(invalidation)
  }

  /** Two corrected clocks may still differ by a little; nothing arrives before it was sent. */
  function measureLag({ at }: Invalidation): void {
    if (at !== undefined) known.onLag?.(Math.max(0, now().getTime() - at) / 1000)
  }

  return {
    forgetAll: () => hear({ kind: 'everything' }),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    storage: withAnnouncements(
      { ...authority, tokens, staticTokens },
      announce,
      channel?.publishWithin,
    ),
    ...(channel !== undefined && { listen: () => channel.subscribe(hear) }),
  }
}
