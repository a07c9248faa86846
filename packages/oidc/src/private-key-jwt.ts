import type { Attestation, Rejection, SchemaOf, Verifier } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { JwtAlgorithm, JwtProfile, OutboundOptions } from '@countersign/evidence'
import {
  chargeOnce,
  checkJwt,
  createChecklist,
  createKeyStores,
  createOutbound,
  JWT_ALGORITHMS,
  LEEWAY,
  LONGEST_JWT,
  listOf,
  literal,
  objectOf,
  optional,
  text,
  unproved,
} from '@countersign/evidence'
import type { KeysAt } from './key-place.ts'
import { keyMembers, keySourceOf, refuseKeysAt } from './key-place.ts'
import { privateKeyJwtWire } from './wire.ts'

/** The keys that a workload signs its assertions with: its own alone, so there is nothing else to bind. */
export interface PrivateKeyJwtPolicy extends KeysAt {
  readonly algorithms?: readonly JwtAlgorithm[] | undefined
}

/** An assertion that a workload made of itself (RFC 7523, 2.2). */
export interface AssertionCredential {
  readonly assertion: string
}

/** How assertions are checked. */
export interface PrivateKeyJwtOptions extends OutboundOptions {
  /** Whom assertions are for: the engine's issuer, and the URL of its token endpoint where there is one. */
  readonly audiences: readonly string[]
}

/** Seconds that an assertion lives at the most: some libraries write an hour. */
const LONGEST_LIFE = 3600

/** Creates the verifier of assertions that a workload signs with a key of its own. Each opens one login. */
export function privateKeyJwt({
  audiences,
  ...options
}: PrivateKeyJwtOptions): Verifier<'private-key-jwt', PrivateKeyJwtPolicy, AssertionCredential> {
  if (audiences.length === 0)
    throw new TypeError('privateKeyJwt() takes the audiences of assertions')
  const outbound = createOutbound(options)
  const keys = createKeyStores(outbound)
  return Object.freeze<Verifier<'private-key-jwt', PrivateKeyJwtPolicy, AssertionCredential>>({
    method: 'private-key-jwt',
    policy: policyOf(keyMembers(outbound)),
    credential: objectOf<AssertionCredential>({ assertion: text(LONGEST_JWT) }),
    wire: privateKeyJwtWire,
    oauth: { as: 'client_assertion', to: 'assertion' },
    async verify({ assertion }, context): Promise<Attestation | Rejection> {
      const { identity, policy } = context
      const list = createChecklist(context)
      const profile = profileOf(identity.id, audiences, policy.algorithms)
      const findKey = keys(keySourceOf(policy))
      const claims = await checkJwt(assertion, { profile, findKey, list, context })
      if (isRejection(claims)) return claims
      list.check('subject', claims['sub'] === identity.id, 'wrong_subject', () => ({
        expected: identity.id,
        presented: unproved(claims['sub']),
      }))
      const { organization } = identity
      const marking = { replay: 'jti', leeway: LEEWAY, organization } as const
      const charges = await chargeOnce({ token: assertion, claims }, marking, list)
      return list.refusal() ?? { subject: identity.id, claims: {}, charges }
    },
  })
}

function policyOf(members: ReturnType<typeof keyMembers>): SchemaOf<PrivateKeyJwtPolicy> {
  const algorithms = optional(listOf(literal(...JWT_ALGORITHMS), JWT_ALGORITHMS.length))
  return objectOf<PrivateKeyJwtPolicy>({ ...members, algorithms }, refuseKeysAt)
}

/** RFC 7523, 3: the client is both the issuer and the subject of what it says of itself. */
function profileOf(
  issuer: string,
  audiences: readonly string[],
  algorithms: readonly JwtAlgorithm[] = JWT_ALGORITHMS,
): JwtProfile {
  return {
    issuer,
    audiences,
    otherAudiences: false,
    algorithms,
    types: ['', 'jwt', 'client-authentication+jwt'],
    leeway: LEEWAY,
    maxAge: LONGEST_LIFE,
    maxLifetime: LONGEST_LIFE,
    undated: true,
  }
}
