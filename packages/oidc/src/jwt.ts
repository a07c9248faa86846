import type { Verifier } from '@countersign/core/plugin'
import type { OutboundOptions } from '@countersign/evidence'
import { createKeyStores, createOutbound, objectOf, optional, text } from '@countersign/evidence'
import { appraiseToken } from './appraise-token.ts'
import type { KeysAt } from './key-place.ts'
import { keyMembers, keySourceOf, refuseKeysAt } from './key-place.ts'
import { PROFILES } from './profiles/index.ts'
import type { TokenCredential } from './token-credential.ts'
import { tokenCredential } from './token-credential.ts'
import type { TokenTrust } from './trust.ts'
import { refuseTrust, trustMembers } from './trust.ts'
import { jwtWire } from './wire.ts'

/** Whom an auth method by JWT trusts: an issuer whose keys the policy names. */
export interface JwtPolicy extends TokenTrust, KeysAt {
  /** The issuer, exactly as its tokens name it; absent with the profile `spiffe` alone. */
  readonly issuer?: string | undefined
  /** The SPIFFE trust domain that the keys belong to; with the profile `spiffe` alone. */
  readonly trustDomain?: string | undefined
}

/** Creates the verifier of tokens whose keys a policy names: a key set at a URL or in the policy, or single keys. */
export function jwt(options: OutboundOptions = {}): Verifier<'jwt', JwtPolicy, TokenCredential> {
  const outbound = createOutbound(options)
  const keys = createKeyStores(outbound)
  return Object.freeze<Verifier<'jwt', JwtPolicy, TokenCredential>>({
    method: 'jwt',
    policy: objectOf<JwtPolicy>(
      {
        ...trustMembers,
        ...keyMembers(outbound),
        issuer: optional(text(1024)),
        trustDomain: optional(text(255, refuseTrustDomain)),
      },
      (policy) =>
        refuseKeysAt(policy) ?? refuseIssuer(policy) ?? refuseTrust(policy, policy.issuer),
    ),
    credential: tokenCredential,
    wire: jwtWire,
    oauth: { as: 'subject_token', to: 'token' },
    verify({ token }, context) {
      const { policy } = context
      const uses = policy.profile === undefined ? undefined : PROFILES[policy.profile].keyUses
      const findKey = keys(keySourceOf(policy, uses))
      const { issuer } = policy
      return appraiseToken(token, { trust: withTrustDomain(policy), issuer, findKey, context })
    },
  })
}

function refuseTrustDomain(name: string): string | undefined {
  return /^[a-z0-9._-]+$/.test(name) ? undefined : 'must be a SPIFFE trust domain'
}

/** A trust domain stands for an issuer: its keys vouch for its own ids, and for no others. */
function refuseIssuer({ profile, issuer, trustDomain }: JwtPolicy): string | undefined {
  if (profile === 'spiffe' && trustDomain === undefined)
    return 'must have a trustDomain with spiffe'
  if (profile !== 'spiffe' && trustDomain !== undefined)
    return 'must have a trustDomain with spiffe only'
  return profile !== 'spiffe' && issuer === undefined ? 'must have an issuer' : undefined
}

function withTrustDomain(policy: JwtPolicy): TokenTrust {
  const { trustDomain, subject, ...trust } = policy
  if (trustDomain === undefined) return policy
  const inside = { glob: `spiffe://${trustDomain}/**` }
  return { ...trust, subject: subject === undefined ? inside : { all: [inside, subject] } }
}
