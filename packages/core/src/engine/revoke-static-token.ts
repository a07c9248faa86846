import type { Source } from '../model/source.ts'
import { allowsSelfRevoke } from '../model/static-token.ts'
import type { StaticTokenJudge } from './judge-static-token.ts'
import { toMarkingKey } from './marking-key.ts'
import type { Parts } from './parts.ts'
import { toEventSource } from './stamp.ts'

/** Ends a static token and what it was exchanged for, where its auth method lets its holder do so. */
export type RevokeStaticToken = (token: string, source: Source) => Promise<void>

/**
 * Creates the revocation of a static token by its holder, for auth methods that say `selfRevoke`. Where they do not, the
 * answer is the one for an unknown token, and nothing changes.
 */
export function createRevokeStaticToken(
  parts: Parts,
  { judge }: StaticTokenJudge,
): RevokeStaticToken {
  const { storage, clock, stamp } = parts

  return async (text, source) => {
    const now = clock.now()
    const judged = await judge(text, now)
    // An ended token may ask as well: what it was exchanged for may live.
    const found = 'rejection' in judged ? judged.found : judged
    if (found === undefined || !allowsSelfRevoke(found.authMethod.policy)) return
    const { organization, id, identity } = found.token
    const by = { kind: 'identity', id: identity } as const
    const reason = 'by_bearer'
    const revoked = stamp({
      type: 'static_token.revoked',
      organization,
      actor: by,
      target: { kind: 'static_token', id },
      reason,
      ...toEventSource(source),
    })
    const key = toMarkingKey(parts, { organization, id })
    await storage.staticTokens.revoke(key, { at: now, reason, by }, [revoked])
  }
}
