import type { Grant, GrantOptions } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import * as z from 'zod'
import type { Outcome } from '../refusal.ts'
import type { Reply } from '../routes/route.ts'
import { reply } from '../routes/route.ts'
import type { Blamed } from './errors.ts'
import { blame } from './errors.ts'
import { toPermissions, toScope } from './scope.ts'

/** What a token endpoint hands out (RFC 6749 section 5.1, RFC 8693 section 2.2.1). */
export const tokenAnswer: z.ZodType = z
  .strictObject({
    access_token: z.string(),
    token_type: z.string(),
    expires_in: z.int().min(1),
    scope: z.string().optional(),
    issued_token_type: z.string().optional(),
  })
  .meta({ id: 'TokenResponse' })

/** What one request wants of its token, and how it is come by. */
export interface Minting {
  readonly scope: string | undefined
  /** The one service that the token is for. */
  readonly audience: string | undefined
  /** What a refused credential is called. */
  readonly blamed: Blamed
  /** What it is called in the answer, where that is asked for. */
  readonly issued?: string
  /** Logs in, or exchanges. */
  readonly by: (options: GrantOptions) => Promise<Grant>
}

/**
 * Mints the token of one request: the one place of the token endpoint where a token is handed out. What binds a token to a
 * key of its client (a proof, a certificate) goes into `options` here, and its `token_type` into the answer.
 */
export async function mint({
  scope,
  audience,
  blamed,
  issued,
  by,
}: Minting): Promise<Outcome<Reply>> {
  const permissions = toPermissions(scope)
  const options: GrantOptions = {
    ...(permissions !== undefined && { permissions }),
    ...(audience !== undefined && { audience }),
  }
  try {
    return reply(toTokenAnswer(await by(options), scope, issued))
  } catch (error) {
    if (isCountersignError(error)) return blame(error, blamed)
    throw error
  }
}

function toTokenAnswer(
  { accessToken, tokenType, expiresIn, permissions }: Grant,
  asked: string | undefined,
  issued: string | undefined,
): object {
  // Whoever asked for a scope is told what became of it (RFC 6749 section 5.1).
  const tells = permissions !== undefined || asked !== undefined
  return {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresIn,
    ...(tells && { scope: toScope(permissions) }),
    ...(issued !== undefined && { issued_token_type: issued }),
  }
}
