import { ClientError } from '../client-error.ts'
import type { AwsCredentials } from '../sigv4.ts'
import type { Provided, SourceContext } from '../source.ts'
import { provide } from '../source.ts'
import { askMetadata } from './metadata.ts'

/** A role of AWS that a token of another issuer may assume: IRSA of EKS, jobs of CI systems. */
export interface AwsWebIdentity {
  /** `AWS_ROLE_ARN`. */
  readonly roleArn: string
  /** What `AWS_WEB_IDENTITY_TOKEN_FILE` holds, read anew for every login. */
  readonly token: Provided
  /** The region whose STS is asked. */
  readonly region: string
  /** `AWS_ROLE_SESSION_NAME`; `countersign` where left out. */
  readonly sessionName?: string | undefined
  /** `AWS_ENDPOINT_URL_STS`; the STS of the region where left out. */
  readonly url?: string | undefined
}

/** The host of the STS of a region. */
export function stsHostOf(region: string): string {
  return `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

/** Assumes the role, for which nothing is signed: the token is the evidence. */
export async function readWebIdentity(
  context: SourceContext,
  given: AwsWebIdentity,
): Promise<AwsCredentials> {
  const { roleArn, token, region, sessionName, url = `https://${stsHostOf(region)}/` } = given
  const response = await askMetadata(context, url, {
    method: 'POST',
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: sessionName || 'countersign',
      WebIdentityToken: await provide(token),
    }),
  })
  const answer = await response.text()
  const read = (name: string): string | undefined =>
    new RegExp(`<${name}>\\s*([A-Za-z0-9+/=]+)\\s*</${name}>`).exec(answer)?.[1]
  const accessKeyId = read('AccessKeyId')
  const secretAccessKey = read('SecretAccessKey')
  const sessionToken = read('SessionToken')
  if (!accessKeyId || !secretAccessKey || !sessionToken)
    throw new ClientError('evidence_missing', 'The STS of AWS answered without keys')
  return { accessKeyId, secretAccessKey, sessionToken }
}
