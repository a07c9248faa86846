import { defined } from '../lib/defined.ts'
import { ENGINE } from '../model/actor.ts'
import type { Parts } from './parts.ts'

/**
 * Tells of replaced client secrets whose overlap ended, once for all nodes; answers how many ended, at most `limit`.
 * Their tokens live on: they were opened by a secret that was right.
 */
export async function endOverlaps(
  { storage, clock, stamp }: Pick<Parts, 'storage' | 'clock' | 'stamp'>,
  limit: number,
): Promise<number> {
  const ended = await storage.clientSecrets.endedOverlaps(clock.now(), limit)
  for (const secret of ended) {
    const { organization, id, identity, replacedBy } = secret
    const event = stamp({
      type: 'client_secret.expired',
      organization,
      actor: ENGINE,
      target: { kind: 'client_secret', id },
      reason: 'overlap_ended',
      details: { identity, ...defined({ replacedBy }) },
    })
    await storage.clientSecrets.noteEnd(secret, [event])
  }
  return ended.length
}
