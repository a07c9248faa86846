import type { Verifier } from '@countersign/core/plugin'
import type { OutboundOptions } from '@countersign/evidence'
import { createKeyStores, createOutbound, objectOf, optional, text } from '@countersign/evidence'
import { appraiseToken } from './appraise-token.ts'
import { certificates } from './certificates.ts'
import type { TokenCredential } from './token-credential.ts'
import { tokenCredential } from './token-credential.ts'
import type { TokenTrust } from './trust.ts'
import { refuseTrust, trustMembers } from './trust.ts'
import { oidcWire } from './wire.ts'

/** Whom an auth method by OpenID Connect trusts. */
export interface OidcPolicy extends TokenTrust {
  /** The issuer, exactly as its tokens and its discovery document name it. */
  readonly issuer: string
  /** Where its discovery document lies, if that is not below the issuer. */
  readonly discoveryUrl?: string | undefined
  /** Certificates (PEM) of authorities that its servers are trusted by, instead of the system's. */
  readonly ca?: string | undefined
}

/** Creates the verifier of tokens whose issuer publishes its keys by OpenID Connect Discovery. */
export function oidc(options: OutboundOptions = {}): Verifier<'oidc', OidcPolicy, TokenCredential> {
  const outbound = createOutbound(options)
  const keys = createKeyStores(outbound)
  const url = text(1024, outbound.egress.refuse)
  return Object.freeze<Verifier<'oidc', OidcPolicy, TokenCredential>>({
    method: 'oidc',
    policy: objectOf<OidcPolicy>(
      { ...trustMembers, issuer: url, discoveryUrl: optional(url), ca: optional(certificates) },
      (policy) => refuseTrust(policy, policy.issuer),
    ),
    credential: tokenCredential,
    wire: oidcWire,
    oauth: { as: 'subject_token', to: 'token' },
    verify({ token }, context) {
      const { issuer, discoveryUrl, ca } = context.policy
      const findKey = keys({
        from: 'issuer',
        issuer,
        ...(discoveryUrl !== undefined && { discoveryUrl }),
        ...(ca !== undefined && { ca }),
      })
      return appraiseToken(token, { trust: context.policy, issuer, findKey, context })
    },
  })
}
