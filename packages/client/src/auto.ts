import { ClientError } from './client-error.ts'
import type { LoginSource, Provided, Source } from './source.ts'
import { oidc } from './sources/assertion.ts'
import { aws } from './sources/aws.ts'
import type { AwsCredentialPlaces } from './sources/aws-credentials.ts'
import { awsCredentials } from './sources/aws-credentials.ts'
import { azure, azureWorkload } from './sources/azure.ts'
import { gcp } from './sources/gcp.ts'
import { githubActions } from './sources/github-actions.ts'
import { kubernetes, SERVICE_ACCOUNT_TOKEN } from './sources/kubernetes.ts'
import { staticToken } from './sources/static-token.ts'
import { universal } from './sources/universal.ts'

/** What the platform is recognized by. */
export interface Surroundings {
  /** The variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads a file, or rejects where it is not there. */
  readonly readFile: (path: string) => Promise<string>
  /** Tells whether a file is there. */
  readonly fileExists: (path: string) => boolean
}

/** What a platform was recognized as, and by what. */
export interface Detected {
  readonly source: Source
  /** A sentence for a log: `github actions, by ACTIONS_ID_TOKEN_REQUEST_URL`. */
  readonly found: string
}

/** More that a detection needs where it cannot be told from the surroundings. */
export interface AutoOptions {
  /** The identity; `COUNTERSIGN_IDENTITY` or `INFISICAL_MACHINE_IDENTITY_ID` where left out. */
  readonly identity?: Provided | undefined
  /** What a token of the platform is to be for; the address of the host where left out. */
  readonly audience?: string | undefined
}

interface Recognition {
  readonly name: string
  /** Which variable or file it is recognized by. */
  readonly by: string
  readonly make: (found: Found) => Source
}

interface Found {
  readonly value: string
  readonly identity: Provided
  readonly options: AutoOptions
  readonly surroundings: Surroundings
}

const ofVariable = (name: string, by: string): Recognition => ({
  name,
  by,
  make: ({ identity, value }) => oidc({ identity, token: value }),
})

/** From the most particular to the most general: a job on a virtual machine is a job first. */
const RECOGNITIONS: readonly Recognition[] = [
  { name: 'static token', by: 'COUNTERSIGN_TOKEN', make: ({ value }) => staticToken(value) },
  { name: 'static token', by: 'INFISICAL_TOKEN', make: ({ value }) => staticToken(value) },
  {
    name: 'universal',
    by: 'COUNTERSIGN_CLIENT_SECRET',
    make: universalOf('COUNTERSIGN_CLIENT_ID'),
  },
  {
    name: 'universal',
    by: 'INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET',
    make: universalOf('INFISICAL_UNIVERSAL_AUTH_CLIENT_ID'),
  },
  {
    name: 'github actions',
    by: 'ACTIONS_ID_TOKEN_REQUEST_URL',
    make: ({ identity, value, options, surroundings }) =>
      githubActions({
        identity,
        requestUrl: value,
        requestToken: surroundings.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
        audience: options.audience,
      }),
  },
  ofVariable('gitlab', 'COUNTERSIGN_ID_TOKEN'),
  ofVariable('circleci', 'CIRCLE_OIDC_TOKEN_V2'),
  ofVariable('bitbucket', 'BITBUCKET_STEP_OIDC_TOKEN'),
  ofVariable('hcp terraform', 'TFC_WORKLOAD_IDENTITY_TOKEN'),
  ofVariable('vercel', 'VERCEL_OIDC_TOKEN'),
  {
    name: 'azure workload',
    by: 'AZURE_FEDERATED_TOKEN_FILE',
    make: ({ identity, value, options, surroundings: { environment, readFile } }) =>
      azureWorkload({
        identity,
        resource: resourceOf(options),
        tenant: environment['AZURE_TENANT_ID'] ?? '',
        clientId: environment['AZURE_CLIENT_ID'] ?? '',
        authority: environment['AZURE_AUTHORITY_HOST'],
        federatedToken: () => readFile(value),
      }),
  },
  {
    name: 'azure',
    by: 'IDENTITY_ENDPOINT',
    make: ({ identity, value, options, surroundings: { environment } }) =>
      azure({
        identity,
        resource: resourceOf(options),
        clientId: environment['AZURE_CLIENT_ID'],
        endpoint: { url: value, header: environment['IDENTITY_HEADER'] ?? '' },
      }),
  },
  ...[
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_ACCESS_KEY_ID',
    'AWS_EXECUTION_ENV',
  ].map((by) => ({ name: 'aws', by, make: awsOf })),
  {
    name: 'gcp',
    by: 'GCE_METADATA_HOST',
    make: ({ identity, value, options }) =>
      gcp({
        identity,
        metadataHost: value,
        ...(options.audience && { audience: options.audience }),
      }),
  },
  {
    name: 'gcp',
    by: 'K_SERVICE',
    make: ({ identity, options }) =>
      gcp({ identity, ...(options.audience && { audience: options.audience }) }),
  },
]

/**
 * Recognizes the platform that the process runs on, by its variables and files alone: nothing is asked over the network.
 *
 * @throws ClientError `evidence_missing` where nothing is recognized, or no identity is named.
 */
export function detect(surroundings: Surroundings, options: AutoOptions = {}): Detected {
  const { environment, fileExists, readFile } = surroundings
  const identity = (): Provided => identityOf(environment, options)
  for (const { name, by, make } of RECOGNITIONS) {
    const value = environment[by]
    if (!value) continue
    const named = name === 'static token' || name === 'universal' ? '' : identity()
    return {
      source: make({ value, identity: named, options, surroundings }),
      found: `${name}, by ${by}`,
    }
  }
  if (fileExists(SERVICE_ACCOUNT_TOKEN)) {
    const source = kubernetes({
      identity: identity(),
      token: () => readFile(SERVICE_ACCOUNT_TOKEN),
    })
    return { source, found: `kubernetes, by ${SERVICE_ACCOUNT_TOKEN}` }
  }
  throw new ClientError('evidence_missing', 'No platform was recognized here: name a method')
}

function identityOf(environment: Surroundings['environment'], { identity }: AutoOptions): Provided {
  const named =
    identity ?? environment['COUNTERSIGN_IDENTITY'] ?? environment['INFISICAL_MACHINE_IDENTITY_ID']
  if (named !== undefined && named !== '') return named
  throw new ClientError('evidence_missing', 'Name the identity: COUNTERSIGN_IDENTITY')
}

function universalOf(variable: string): (found: Found) => LoginSource {
  return ({ value, surroundings: { environment } }) => {
    const clientId = environment[variable]
    if (!clientId) throw new ClientError('evidence_missing', `Beside the secret, set ${variable}`)
    return universal({ clientId, clientSecret: value })
  }
}

function resourceOf({ audience }: AutoOptions): string {
  if (audience !== undefined) return audience
  throw new ClientError('evidence_missing', 'On Azure, name the application that tokens are for')
}

function awsOf({ identity, options, surroundings }: Found): LoginSource {
  const { environment } = surroundings
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION']
  if (!region) throw new ClientError('evidence_missing', 'On AWS, set AWS_REGION')
  const credentials = awsCredentials(placesOf(surroundings))
  return aws({ identity, region, credentials, audience: options.audience })
}

function placesOf({ environment, readFile }: Surroundings): AwsCredentialPlaces {
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
    ...(url && { container: { url, authorization } }),
    ...(environment['AWS_EC2_METADATA_DISABLED'] === 'true' && { instance: false as const }),
  }
}
