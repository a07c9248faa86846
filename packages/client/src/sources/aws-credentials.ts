import { ClientError } from '../client-error.ts'
import type { AwsCredentials } from '../sigv4.ts'
import type { Provided, SourceContext } from '../source.ts'
import { provide } from '../source.ts'
import type { AwsWebIdentity } from './aws-web-identity.ts'
import { readWebIdentity } from './aws-web-identity.ts'
import { askMetadata } from './metadata.ts'

/** Where keys of AWS may lie, in the order in which they are looked for; each is left out where the platform has none. */
export interface AwsCredentialPlaces {
  /** `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`. */
  readonly environment?: AwsCredentials | undefined
  /** IRSA of EKS: a role that is assumed with the token of a service account. */
  readonly webIdentity?: AwsWebIdentity | undefined
  /** ECS and EKS Pod Identity: the full URL, and `AWS_CONTAINER_AUTHORIZATION_TOKEN`, or what its file holds. */
  readonly container?:
    | { readonly url: string; readonly authorization?: Provided | undefined }
    | undefined
  /** The instance metadata service; `false` where `AWS_EC2_METADATA_DISABLED` says so. */
  readonly instance?: { readonly url?: string | undefined } | false | undefined
}

/** Looks for keys of AWS where its platforms put them. */
export function awsCredentials(
  places: AwsCredentialPlaces = {},
): (context: SourceContext) => Promise<AwsCredentials> {
  const { environment, webIdentity, container, instance = {} } = places
  return async (context) => {
    if (environment !== undefined) return environment
    if (webIdentity !== undefined) return readWebIdentity(context, webIdentity)
    if (container !== undefined) return readContainer(context, container)
    if (instance !== false) return readInstance(context, instance.url ?? 'http://169.254.169.254')
    throw new ClientError('evidence_missing', 'There are no keys of AWS here')
  }
}

async function readContainer(
  context: SourceContext,
  { url, authorization }: NonNullable<AwsCredentialPlaces['container']>,
): Promise<AwsCredentials> {
  const headers: Record<string, string> =
    authorization === undefined ? {} : { authorization: await provide(authorization) }
  return readKeys(await askMetadata(context, url, { headers }))
}

/** IMDSv2: a session first, for which a forwarded request cannot ask. */
async function readInstance(context: SourceContext, url: string): Promise<AwsCredentials> {
  const session = await askMetadata(context, `${url}/latest/api/token`, {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
  })
  const headers = { 'x-aws-ec2-metadata-token': await session.text() }
  const path = `${url}/latest/meta-data/iam/security-credentials/`
  const roles = await (await askMetadata(context, path, { headers })).text()
  const [role = ''] = roles.trim().split('\n')
  return readKeys(await askMetadata(context, `${path}${encodeURIComponent(role)}`, { headers }))
}

async function readKeys(response: Response): Promise<AwsCredentials> {
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = answer
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string')
    throw new ClientError('evidence_missing', 'The platform answered without keys of AWS')
  return {
    accessKeyId,
    secretAccessKey,
    ...(typeof sessionToken === 'string' && { sessionToken }),
  }
}
