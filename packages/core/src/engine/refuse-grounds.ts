import { refuseStanding } from '../model/access-token.ts'
import type { TokenReason } from '../model/rejection.ts'
import { refuseStaticToken } from '../model/static-token.ts'
import type { Grounds } from './handle.ts'
import { toStandingQuery } from './judge-token.ts'
import type { Parts } from './parts.ts'

/** Says why the token that proved a principal proves it no more; a user has none that could end. */
export async function refuseGrounds(
  { storage }: Pick<Parts, 'storage'>,
  { shown, expiresAt, organization, subject }: Grounds,
  now: Date,
): Promise<TokenReason | undefined> {
  if (expiresAt !== undefined && now >= expiresAt) return 'token_expired'
  if (shown === undefined) return undefined
  if (shown.kind === 'token') {
    const standing = await storage.tokens.find(toStandingQuery(shown.claims), now)
    return refuseStanding(shown.claims, standing)
  }
  const token = await storage.staticTokens.find(organization, shown.id)
  if (token === undefined) return 'token_revoked'
  const identity = await storage.identities.find(organization, subject.id)
  if (identity === undefined) return 'identity_gone'
  return identity.disabled ? 'identity_disabled' : refuseStaticToken(token, now)
}
