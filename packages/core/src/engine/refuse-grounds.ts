import { refuseStanding } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { refuseStaticToken } from '../model/static-token.ts'
import type { Grounds } from './handle.ts'
import { toStandingQuery } from './judge-token.ts'
import type { Parts } from './parts.ts'

/** Says why what proved a principal proves it no more; a user has nothing that could end. */
export async function refuseGrounds(
  { storage }: Pick<Parts, 'storage'>,
  { shown, expiresAt, organization, subject }: Grounds,
  now: Date,
): Promise<TokenReason | undefined> {
  if (expiresAt !== undefined && now >= expiresAt) return 'token_expired'
  if (subject.kind === 'user') return undefined
  if (shown?.kind === 'token') {
    const standing = await storage.tokens.find(toStandingQuery(shown.claims), now)
    return refuseStanding(shown.claims, standing)
  }
  const token = shown && (await storage.staticTokens.find(organization, shown.id))
  if (shown !== undefined && token === undefined) return 'token_revoked'
  const identity = await storage.identities.find(organization, subject.id)
  if (identity === undefined) return 'identity_gone'
  if (identity.disabled) return 'identity_disabled'
  return token && refuseStaticToken(token, now)
}
