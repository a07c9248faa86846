import type { Seconds } from '../lib/time.ts'
import { minutes } from '../lib/time.ts'
import type { CredentialId } from '../model/credential.ts'
import type { IdentityId } from '../model/identity.ts'
import type { StaticTokenId } from '../model/static-token.ts'
import type { UseStatistic } from '../ports/credential-store.ts'
import type { Storage } from '../ports/storage.ts'
import type { Clock } from './clock.ts'

/** Who logged in, or called, with what: for the columns that people look at. */
export interface Use {
  readonly organization: string
  readonly identity: IdentityId
  readonly credential?: CredentialId
}

/** Uses that no rule counts, gathered on this node and written now and then; losing them loses no rule. */
export interface Statistics {
  add(use: Use, at: Date): void
  /** Writes what was not written for a minute. */
  flush(): Promise<void>
  /** Writes everything: for the end. */
  flushAll(): Promise<void>
}

/** Seconds between two writes about one credential. */
export const WRITTEN_EVERY: Seconds = minutes(1)
/** What a node gathers at the most; what does not fit before the next write is not counted. */
const MOST_GATHERED = 10_000
/** How many writes of the last minute a node remembers; beyond them, writing waits. */
const MOST_WATCHED = 100_000

/** What was gathered of one credential, or of an identity that nothing stored opened. */
interface Gathered {
  readonly use: Use
  uses: number
  readonly firstUsedAt: Date
  lastUsedAt: Date
}

/** Creates the gatherer of a node. */
export function createStatistics(
  { clientSecrets, staticTokens }: Pick<Storage, 'clientSecrets' | 'staticTokens'>,
  clock: Pick<Clock, 'now'>,
): Statistics {
  const gathered = new Map<string, Gathered>()
  /** When each key was written last, oldest first. */
  const written = new Map<string, number>()

  /** It runs at every request with a static token, so it changes what is there. */
  function add(use: Use, at: Date): void {
    const key = use.credential ?? use.identity
    const known = gathered.get(key)
    if (known !== undefined) {
      known.uses += 1
      known.lastUsedAt = at
    } else if (gathered.size < MOST_GATHERED)
      gathered.set(key, { use, uses: 1, firstUsedAt: at, lastUsedAt: at })
  }

  function takeDue(now: number): readonly UseStatistic<CredentialId>[] {
    for (const [key, at] of written) {
      if (now - at < WRITTEN_EVERY * 1000) break
      written.delete(key)
    }
    const due = [...gathered]
      .filter(([key]) => !written.has(key))
      .slice(0, Math.max(0, MOST_WATCHED - written.size))
    for (const [key] of due) written.set(key, now)
    return take(due)
  }

  function take(
    due: readonly (readonly [string, Gathered])[],
  ): readonly UseStatistic<CredentialId>[] {
    for (const [key] of due) gathered.delete(key)
    return due.map(([, { use, ...counted }]) => ({ ...use, ...counted }))
  }

  async function write(statistics: readonly UseStatistic<CredentialId>[]): Promise<void> {
    const ofTokens = statistics.filter(isOfStaticToken)
    const others = statistics.filter(isOfClientSecret)
    if (others.length > 0) await clientSecrets.record(others)
    if (ofTokens.length > 0) await staticTokens.record(ofTokens)
  }

  return {
    add,
    flush: () => write(takeDue(clock.now().getTime())),
    flushAll: () => write(take([...gathered])),
  }
}

function isOfStaticToken(
  statistic: UseStatistic<CredentialId>,
): statistic is UseStatistic<StaticTokenId> {
  return statistic.credential?.startsWith('stk_') === true
}

/** What no stored credential opened is told with the client secrets: it is about the identity alone. */
function isOfClientSecret(
  statistic: UseStatistic<CredentialId>,
): statistic is UseStatistic<`csc_${string}`> {
  return !isOfStaticToken(statistic)
}
