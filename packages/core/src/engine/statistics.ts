import type { ClientSecretId } from '../model/client-secret.ts'
import type { IdentityId } from '../model/identity.ts'
import type { SecretStore, UseStatistic } from '../ports/secret-store.ts'

/** Who logged in with what, for the columns that people look at. */
export interface Use {
  readonly organization: string
  readonly identity: IdentityId
  readonly clientSecret?: ClientSecretId
}

/** Uses that no rule counts, gathered on this node and written now and then; losing them loses no rule. */
export interface Statistics {
  add(use: Use, at: Date): void
  flush(): Promise<void>
}

const MOST_GATHERED = 10_000

/** Creates the gatherer of a node. It is bounded: what does not fit before the next flush is not counted. */
export function createStatistics({ record }: Pick<SecretStore, 'record'>): Statistics {
  let gathered = new Map<string, UseStatistic>()

  function add(use: Use, at: Date): void {
    const key = `${use.identity} ${use.clientSecret ?? ''}`
    const before = gathered.get(key)
    if (before === undefined && gathered.size >= MOST_GATHERED) return
    gathered.set(key, { ...use, uses: (before?.uses ?? 0) + 1, lastUsedAt: at })
  }

  async function flush(): Promise<void> {
    if (gathered.size === 0) return
    const batch = [...gathered.values()]
    gathered = new Map()
    await record(batch)
  }

  return { add, flush }
}
