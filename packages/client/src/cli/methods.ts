import { auto } from '../auto.ts'
import { awsPlacesOf } from '../aws-places.ts'
import type { Client, ClientOptions } from '../client.ts'
import { createClient } from '../client.ts'
import type { Source } from '../source.ts'
import type { AssertionOptions } from '../sources/assertion.ts'
import { jwt, oidc } from '../sources/assertion.ts'
import { aws } from '../sources/aws.ts'
import { awsCredentials } from '../sources/aws-credentials.ts'
import { azure } from '../sources/azure.ts'
import { buildkite } from '../sources/buildkite.ts'
import { bitbucket, circleci, gitlab, hcpTerraform, vercel } from '../sources/ci.ts'
import { fly } from '../sources/fly.ts'
import { gcp } from '../sources/gcp.ts'
import { githubActions } from '../sources/github-actions.ts'
import { kubernetes, SERVICE_ACCOUNT_TOKEN } from '../sources/kubernetes.ts'
import { ldap } from '../sources/ldap.ts'
import { spiffe } from '../sources/spiffe.ts'
import { tls } from '../sources/tls.ts'
import { universal } from '../sources/universal.ts'
import type { Settings } from './settings.ts'
import {
  AUDIENCE,
  assertionOf,
  audienceOf,
  fetchOf,
  fileOf,
  identityOf,
  needed,
  optionOf,
  urlOf,
  variableOf,
} from './settings.ts'
import { UsageError } from './terminal.ts'

/** A client of the method that was named, or of the platform that was recognized. */
export function clientOf(settings: Settings, options: Pick<ClientOptions, 'dpop'> = {}): Client {
  return createClient({
    url: urlOf(settings),
    auth: sourceOf(settings),
    ...fetchOf(settings),
    ...options,
  })
}

function sourceOf(settings: Settings): Source {
  const method = optionOf(settings, 'method') ?? 'auto'
  const make = SOURCES[method]
  if (make === undefined)
    throw new UsageError(`There is no method ${method}: ${Object.keys(SOURCES).join(', ')}`)
  return make(settings)
}

const SOURCES: Readonly<Record<string, ((settings: Settings) => Source) | undefined>> = {
  auto(settings) {
    const { terminal } = settings
    const identity = optionOf(settings, 'identity')
    const audience = audienceOf(settings)
    const source = auto(terminal, { identity, audience })
    if (terminal.isInteractive) terminal.note(`Found ${source.found}`)
    return source
  },
  universal: (settings) =>
    universal({
      clientId: needed(settings, 'COUNTERSIGN_CLIENT_ID', 'INFISICAL_UNIVERSAL_AUTH_CLIENT_ID'),
      clientSecret: needed(
        settings,
        'COUNTERSIGN_CLIENT_SECRET',
        'INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET',
      ),
    }),
  kubernetes: (settings) =>
    kubernetes({ identity: identityOf(settings), token: fileOf(settings, SERVICE_ACCOUNT_TOKEN) }),
  oidc: (settings) => oidc({ identity: identityOf(settings), token: assertionOf(settings) }),
  jwt: (settings) => jwt({ identity: identityOf(settings), token: assertionOf(settings) }),
  github: (settings) =>
    githubActions({
      identity: identityOf(settings),
      requestUrl: variableOf(settings, 'ACTIONS_ID_TOKEN_REQUEST_URL'),
      requestToken: variableOf(settings, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'),
      audience: audienceOf(settings),
    }),
  gcp: (settings) =>
    gcp({
      identity: identityOf(settings),
      audience: audienceOf(settings) ?? identityOf(settings),
      metadataHost: variableOf(settings, 'GCE_METADATA_HOST'),
    }),
  azure: (settings) => {
    const url = variableOf(settings, 'IDENTITY_ENDPOINT')
    const header = variableOf(settings, 'IDENTITY_HEADER') ?? ''
    return azure({
      identity: identityOf(settings),
      resource: optionOf(settings, 'resource') ?? needed(settings, AUDIENCE),
      clientId: variableOf(settings, 'AZURE_CLIENT_ID'),
      ...(url !== undefined && { endpoint: { url, header } }),
    })
  },
  aws: (settings) =>
    aws({
      identity: identityOf(settings),
      region: optionOf(settings, 'region') ?? needed(settings, 'AWS_REGION', 'AWS_DEFAULT_REGION'),
      credentials: awsCredentials(awsPlacesOf(settings.terminal)),
      audience: audienceOf(settings),
    }),
  ldap: (settings) =>
    ldap({
      identity: identityOf(settings),
      username: needed(settings, 'COUNTERSIGN_LDAP_USERNAME', 'INFISICAL_LDAP_USERNAME'),
      password: needed(settings, 'COUNTERSIGN_LDAP_PASSWORD', 'INFISICAL_LDAP_PASSWORD'),
    }),
  gitlab: ofJob(gitlab, 'COUNTERSIGN_ID_TOKEN'),
  circleci: ofJob(circleci, 'CIRCLE_OIDC_TOKEN_V2', 'CIRCLE_OIDC_TOKEN'),
  bitbucket: ofJob(bitbucket, 'BITBUCKET_STEP_OIDC_TOKEN'),
  'hcp-terraform': ofJob(hcpTerraform, 'TFC_WORKLOAD_IDENTITY_TOKEN'),
  vercel: ofJob(vercel, 'VERCEL_OIDC_TOKEN'),
  buildkite: (settings) =>
    buildkite({
      identity: identityOf(settings),
      job: variableOf(settings, 'BUILDKITE_JOB_ID'),
      accessToken: variableOf(settings, 'BUILDKITE_AGENT_ACCESS_TOKEN'),
      endpoint: variableOf(settings, 'BUILDKITE_AGENT_ENDPOINT'),
      audience: audienceOf(settings),
    }),
  fly: (settings) =>
    fly({
      identity: identityOf(settings),
      fetch: settings.terminal.socketFetch('/.fly/api'),
      audience: audienceOf(settings),
    }),
  spiffe(settings) {
    const file = optionOf(settings, 'token-file') ?? needed(settings, 'COUNTERSIGN_JWT_SVID_FILE')
    return spiffe({ identity: identityOf(settings), token: fileOf(settings, file) })
  },
  tls(settings) {
    const { fetch } = fetchOf(settings)
    if (fetch === undefined) throw new UsageError('Set COUNTERSIGN_CLIENT_CERT_FILE')
    return tls({ identity: identityOf(settings), fetch })
  },
}

function ofJob(
  source: (options: AssertionOptions) => Source,
  ...names: readonly [string, ...string[]]
): (settings: Settings) => Source {
  return (settings) => source({ identity: identityOf(settings), token: needed(settings, ...names) })
}
