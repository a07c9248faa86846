import type { Surroundings } from './auto.ts'
import type { AwsCredentialPlaces } from './sources/aws-credentials.ts'

/** Where the variables of AWS say that keys lie. */
export function awsPlacesOf({
  environment,
  readFile,
}: Pick<Surroundings, 'environment' | 'readFile'>): AwsCredentialPlaces {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID']
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY']
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const url = relative
    ? `http://169.254.170.2${relative}`
    : environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const authorization = file
    ? () => readFile(file)
    : environment['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  return {
    ...(accessKeyId &&
      secretAccessKey && {
        environment: {
          accessKeyId,
          secretAccessKey,
          sessionToken: environment['AWS_SESSION_TOKEN'],
        },
      }),
    ...webIdentityOf(environment, readFile),
    ...(url && { container: { url, authorization } }),
    ...(environment['AWS_EC2_METADATA_DISABLED'] === 'true' && { instance: false as const }),
  }
}

function webIdentityOf(
  environment: Surroundings['environment'],
  readFile: Surroundings['readFile'],
): Pick<AwsCredentialPlaces, 'webIdentity'> {
  const file = environment['AWS_WEB_IDENTITY_TOKEN_FILE']
  const roleArn = environment['AWS_ROLE_ARN']
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION']
  if (!file || !roleArn || !region) return {}
  return {
    webIdentity: {
      roleArn,
      region,
      token: () => readFile(file),
      sessionName: environment['AWS_ROLE_SESSION_NAME'],
      url: environment['AWS_ENDPOINT_URL_STS'],
    },
  }
}
