import type { Countersign } from '@countersign/core'

/** What a node cannot do at this moment. */
export async function whatIsAway({ health }: Countersign) {
  const { live, ready, degraded, ...dependencies } = await health()
  const away = Object.entries(dependencies)
    .filter(([, { ok }]) => !ok)
    .map(([name]) => name)
  return { live, ready, degraded, away }
}
