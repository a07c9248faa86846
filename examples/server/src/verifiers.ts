import { aws } from '@countersign/aws'
import { azure } from '@countersign/azure'
import { gcp } from '@countersign/gcp'
import { kubernetes } from '@countersign/kubernetes'
import { ldap } from '@countersign/ldap'
import { jwt, oidc, privateKeyJwt } from '@countersign/oidc'
import { tls } from '@countersign/tls'
import { StartError } from './start-error.ts'
import type { TrustConfig } from './trust-config.ts'

/** Creates a verifier for every auth method that there is. They ask nobody before a login, or a policy that is saved, makes them. */
export function createVerifiers(url: string, trust: TrustConfig) {
  const { egress, proxy, awsAudience = url, sts, cluster } = trust
  const outbound = { egress, proxy }
  const endpoints = sts === undefined ? [] : [sts]
  try {
    return [
      oidc(outbound),
      jwt(outbound),
      privateKeyJwt({ ...outbound, audiences: [url, `${url}/oauth/token`] }),
      kubernetes({ ...outbound, cluster }),
      aws({ ...outbound, audience: awsAudience, endpoints }),
      gcp(outbound),
      azure(outbound),
      ldap({ egress }),
      tls(outbound),
    ] as const
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new StartError(toOperatorWords(error.message))
  }
}

/** What these verifiers are called by, and what they are given. */
export type Verifiers = ReturnType<typeof createVerifiers>

function toOperatorWords(message: string): string {
  return message
    .replace('aws() takes endpoints', 'COUNTERSIGN_STS_ENDPOINT takes endpoints')
    .replace('aws() takes an audience', 'COUNTERSIGN_AWS_AUDIENCE must be an audience')
}
