import * as z from 'zod'
import type {
  Attestation,
  OAuthMapping,
  StoredCredential,
  Verifier,
  WireMapping,
} from '../plugin.ts'
import { Rejection, refuseClientSecret } from '../plugin.ts'

/** What a workload presents for universal auth; its client id is the identity's id. */
export interface UniversalCredential {
  readonly clientSecret: string
}

declare const nothing: unique symbol

/** Universal auth has nothing to configure: the client secret itself was issued for one identity. */
export interface UniversalPolicy {
  /** A member that nobody can name: a type without any would accept them all. */
  readonly [nothing]?: never
}

/** Longer than any secret we mint, short enough that hashing it costs nothing. */
const LONGEST_SECRET = 512

const credential = z.strictObject({
  clientSecret: z
    .string('must be a string')
    .min(1, 'must not be empty')
    .max(LONGEST_SECRET, `must be at most ${LONGEST_SECRET} characters`),
})

/** What it is called on Infisical's wire. */
const wire: WireMapping = {
  slug: 'universal-auth',
  settings: 'identityUniversalAuth',
  identity: 'clientId',
  also: ['accessTokenPeriod', 'clientSecretTrustedIps', 'lockout'],
  login: { clientSecret: { to: 'clientSecret', as: 'text', longest: LONGEST_SECRET } },
  policy: {},
}

/** What it is at a token endpoint. */
const oauth: OAuthMapping = { as: 'client_secret', to: 'clientSecret' }

/** The verifier of client secrets: a client id and a client secret for an access token. */
export const universal: Verifier<'universal', UniversalPolicy, UniversalCredential> = Object.freeze(
  {
    method: 'universal',
    policy: z.strictObject({}),
    credential,
    wire,
    oauth,
    locate: ({ clientSecret }: UniversalCredential) => clientSecret,
    verify: (
      _credential: UniversalCredential,
      { stored, now }: { stored?: StoredCredential; now: Date },
    ) => (stored === undefined ? new Rejection('wrong_secret') : judge(stored, now)),
  },
)

function judge(stored: StoredCredential, now: Date): Attestation | Rejection {
  const refusal = refuseClientSecret(stored, now)
  if (refusal !== undefined) return new Rejection(refusal)
  return { subject: stored.identity, claims: {}, charges: [{ kind: 'use', credential: stored.id }] }
}
