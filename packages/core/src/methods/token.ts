import * as z from 'zod'
import type {
  Attestation,
  StaticTokenPolicy,
  StoredCredential,
  Verifier,
  WireMapping,
} from '../plugin.ts'
import { Rejection, refuseStaticToken } from '../plugin.ts'

/** What a workload presents to exchange a static token for a short-lived access token. */
export interface StaticTokenCredential {
  readonly staticToken: string
}

/** Longer than any token we mint, short enough that hashing it costs nothing. */
const LONGEST_TOKEN = 512

const credential = z.strictObject({
  staticToken: z
    .string('must be a string')
    .min(1, 'must not be empty')
    .max(LONGEST_TOKEN, `must be at most ${LONGEST_TOKEN} characters`),
})

/** What it is called on Infisical's wire. */
const wire: WireMapping = {
  slug: 'token-auth',
  settings: 'identityTokenAuth',
  identityOptional: true,
  login: { accessToken: { to: 'staticToken', as: 'text', longest: LONGEST_TOKEN } },
  policy: {},
}

/** The verifier of static tokens: each was issued for one identity, so its policy constrains nothing. */
export const token: Verifier<'token', StaticTokenPolicy, StaticTokenCredential> = Object.freeze({
  method: 'token',
  policy: z.strictObject({ selfRevoke: z.boolean('must be true or false').exactOptional() }),
  credential,
  wire,
  locate: ({ staticToken }: StaticTokenCredential) => staticToken,
  verify: (
    _credential: StaticTokenCredential,
    { stored, now }: { stored?: StoredCredential; now: Date },
  ) => (stored === undefined ? new Rejection('unknown_token') : judge(stored, now)),
})

function judge(stored: StoredCredential, now: Date): Attestation | Rejection {
  const refusal = refuseStaticToken(stored, now)
  if (refusal !== undefined) return new Rejection(refusal)
  return { subject: stored.identity, claims: {}, charges: [{ kind: 'use', credential: stored.id }] }
}
