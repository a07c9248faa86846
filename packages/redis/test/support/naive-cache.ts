import type { InvalidationChannel, Storage, TokenStanding } from '@countersign/core/plugin'
import { systemRuntime } from '@countersign/core/runtime'

/** What is wrong with a cache that stands in the engine's place. */
export type Flaw =
  | 'none'
  /** It keeps an answer that was under way when what it says was changed. */
  | 'stampless'
  /** It counts the age of an answer from when it came, not from when the authority was asked. */
  | 'restarting'

/** A cache of standings like that of the engine, and an authority whose answers take their time. */
export interface NaiveCacheOptions {
  readonly flaw: Flaw
  /** Milliseconds that an answer may be repeated. */
  readonly ttl: number
  /** Milliseconds that an answer is under way, at the most. */
  readonly delay: number
  readonly channel: InvalidationChannel | undefined
}

/** Decorates a storage with a cache of its own, for engines that remember nothing. */
export async function withNaiveCache(
  storage: Storage,
  { flaw, ttl, delay, channel }: NaiveCacheOptions,
): Promise<Storage> {
  const cells = new Map<string, { readonly answer: TokenStanding; readonly at: number }>()
  const never = new AbortController().signal
  let changes = 0
  let turn = 0
  const now = (): number => performance.now()
  const forget = (session: string): void => {
    changes += 1
    cells.delete(session)
  }
  await channel?.subscribe((change) => {
    if (change.kind === 'session') forget(change.id)
  })

  return {
    ...storage,
    tokens: {
      ...storage.tokens,
      async find(query, instant) {
        const cell = cells.get(query.session)
        if (cell !== undefined && now() - cell.at < ttl) return cell.answer
        const asked = { at: now(), changes }
        const answer = await storage.tokens.find(query, instant)
        turn += 1
        await systemRuntime.pause((delay * ((turn * 7) % 10)) / 10_000, never)
        if (answer.uses === undefined && (flaw === 'stampless' || asked.changes === changes))
          cells.set(query.session, { answer, at: flaw === 'restarting' ? now() : asked.at })
        return answer
      },
      async revoke(mark, events) {
        const revoked = await storage.tokens.revoke(mark, events)
        forget(mark.id)
        await channel
          ?.publish({ kind: 'session', organization: mark.organization, id: mark.id })
          .catch(() => undefined)
        return revoked
      },
    },
  }
}
