import type { Countersign } from '@countersign/core'

/** What a node cannot do at this moment. */
export async function whatIsAway({ health }: Countersign) {
  const { live, ready, degraded, storage, keys, clock } = await health()
  const parts = Object.entries({ storage, keys, clock })
  const away = parts.filter(([, { ok }]) => !ok).map(([name]) => name)
  return { live, ready, degraded, away }
}
