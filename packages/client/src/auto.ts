import { awsPlacesOf } from './aws-places.ts'
import { ClientError } from './client-error.ts'
import type { LoginSource, Provided, Source } from './source.ts'
import type { AssertionOptions } from './sources/assertion.ts'
import { oidc } from './sources/assertion.ts'
import { aws } from './sources/aws.ts'
import { awsCredentials } from './sources/aws-credentials.ts'
import { azure, azureWorkload } from './sources/azure.ts'
import { buildkite } from './sources/buildkite.ts'
import { bitbucket, circleci, gitlab, hcpTerraform, vercel } from './sources/ci.ts'
import { fly } from './sources/fly.ts'
import { gcp } from './sources/gcp.ts'
import { githubActions } from './sources/github-actions.ts'
import { kubernetes, SERVICE_ACCOUNT_TOKEN } from './sources/kubernetes.ts'
import { spiffe } from './sources/spiffe.ts'
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
  /** Makes a `fetch` over a Unix socket, for platforms whose evidence lies behind one. */
  readonly socketFetch?: ((path: string) => typeof globalThis.fetch) | undefined
}

/** The source of the platform that was recognized, and by what. */
export type Auto = Source & {
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
  /** The variable as it is when a login wants it. */
  readonly read: () => string
  readonly identity: Provided
  readonly options: AutoOptions
  readonly surroundings: Surroundings
}

const ofVariable = (
  name: string,
  by: string,
  source: (options: AssertionOptions) => LoginSource,
): Recognition => ({
  name,
  by,
  make: ({ identity, read }) => source({ identity, token: read }),
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
  {
    name: 'a token of another issuer',
    by: 'COUNTERSIGN_ID_TOKEN',
    // At GitLab a job names its variable itself: this is the name to give it.
    make: ({ identity, read, surroundings: { environment } }) =>
      (environment['GITLAB_CI'] ? gitlab : oidc)({ identity, token: read }),
  },
  ofVariable('circleci', 'CIRCLE_OIDC_TOKEN_V2', circleci),
  ofVariable('circleci', 'CIRCLE_OIDC_TOKEN', circleci),
  ofVariable('bitbucket', 'BITBUCKET_STEP_OIDC_TOKEN', bitbucket),
  ofVariable('hcp terraform', 'TFC_WORKLOAD_IDENTITY_TOKEN_COUNTERSIGN', hcpTerraform),
  ofVariable('hcp terraform', 'TFC_WORKLOAD_IDENTITY_TOKEN', hcpTerraform),
  ofVariable('vercel', 'VERCEL_OIDC_TOKEN', vercel),
  {
    name: 'buildkite',
    by: 'BUILDKITE_AGENT_ACCESS_TOKEN',
    make: ({ identity, value, options, surroundings: { environment } }) =>
      buildkite({
        identity,
        job: environment['BUILDKITE_JOB_ID'],
        accessToken: value,
        endpoint: environment['BUILDKITE_AGENT_ENDPOINT'],
        audience: options.audience,
      }),
  },
  {
    name: 'spiffe',
    by: 'COUNTERSIGN_JWT_SVID_FILE',
    make: ({ identity, value, surroundings: { readFile } }) =>
      spiffe({ identity, token: () => readFile(value) }),
  },
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
    'AWS_WEB_IDENTITY_TOKEN_FILE',
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

/** Where a machine of Fly.io is spoken to. */
const FLY_SOCKET = '/.fly/api'

/**
 * Recognizes the platform that the process runs on, by its variables and files alone: nothing is asked over the network. On
 * Node, `auto(surroundingsOf(process.env))` of `@countersign/client/node`; `found` of the source says what it is.
 *
 * @throws ClientError `evidence_missing` where nothing is recognized, or no identity is named.
 */
export function auto(surroundings: Surroundings, options: AutoOptions = {}): Auto {
  const { environment } = surroundings
  for (const { name, by, make } of RECOGNITIONS) {
    const value = environment[by]
    if (!value) continue
    const isNamed = name === 'static token' || name === 'universal'
    const identity = isNamed ? '' : identityOf(environment, options)
    const read = (): string => environment[by] ?? ''
    const source = make({ value, read, identity, options, surroundings })
    return { ...source, found: `${source.name}, by ${by}` }
  }
  return byFiles(surroundings, options)
}

function byFiles(surroundings: Surroundings, options: AutoOptions): Auto {
  const { environment, fileExists, readFile, socketFetch } = surroundings
  const { audience } = options
  if (socketFetch !== undefined && fileExists(FLY_SOCKET)) {
    const identity = identityOf(environment, options)
    const source = fly({ identity, fetch: socketFetch(FLY_SOCKET), audience })
    return { ...source, found: `fly, by ${FLY_SOCKET}` }
  }
  if (fileExists(SERVICE_ACCOUNT_TOKEN)) {
    const identity = identityOf(environment, options)
    const source = kubernetes({ identity, token: () => readFile(SERVICE_ACCOUNT_TOKEN) })
    return { ...source, found: `kubernetes, by ${SERVICE_ACCOUNT_TOKEN}` }
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
  const credentials = awsCredentials(awsPlacesOf(surroundings))
  return aws({ identity, region, credentials, audience: options.audience })
}
