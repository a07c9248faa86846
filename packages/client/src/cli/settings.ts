import { detect } from '../auto.ts'
import type { Client } from '../client.ts'
import { createClient } from '../client.ts'
import type { Source } from '../source.ts'
import { jwt, oidc } from '../sources/assertion.ts'
import { aws } from '../sources/aws.ts'
import { awsCredentials } from '../sources/aws-credentials.ts'
import { azure } from '../sources/azure.ts'
import { gcp } from '../sources/gcp.ts'
import { githubActions } from '../sources/github-actions.ts'
import { kubernetes, SERVICE_ACCOUNT_TOKEN } from '../sources/kubernetes.ts'
import { ldap } from '../sources/ldap.ts'
import { universal } from '../sources/universal.ts'
import type { CommandLine } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './terminal.ts'

/** What a command works with. */
export interface Settings extends CommandLine {
  readonly terminal: Terminal
}

/** The text of an option, where it is given. */
export function optionOf({ options }: CommandLine, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The first variable that is set. */
export function variableOf(
  { terminal }: Settings,
  ...names: readonly string[]
): string | undefined {
  for (const name of names) {
    const value = terminal.environment[name]
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

/** The address of the host. */
export function urlOf(settings: Settings): string {
  const url =
    optionOf(settings, 'url') ?? variableOf(settings, 'COUNTERSIGN_URL', 'INFISICAL_API_URL')
  if (url === undefined) throw new UsageError('Name the host: --url, or COUNTERSIGN_URL')
  // The variable of Infisical's clients names the API.
  return url.replace(/\/api\/?$/, '')
}

/** A client of the method that was named, or of the platform that was recognized. */
export function clientOf(settings: Settings): Client {
  return createClient({ url: urlOf(settings), auth: sourceOf(settings) })
}

function sourceOf(settings: Settings): Source {
  const method = optionOf(settings, 'method') ?? 'auto'
  const make = SOURCES[method]
  if (make === undefined)
    throw new UsageError(`There is no method ${method}: ${Object.keys(SOURCES).join(', ')}`)
  return make(settings)
}

const AUDIENCE = 'COUNTERSIGN_AUDIENCE'

const SOURCES: Readonly<Record<string, ((settings: Settings) => Source) | undefined>> = {
  auto(settings) {
    const { terminal } = settings
    const identity = optionOf(settings, 'identity')
    const audience = audienceOf(settings)
    const { source, found } = detect(terminal, { identity, audience })
    if (terminal.isInteractive) terminal.note(`Found ${found}`)
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
  aws: (settings) => {
    const accessKeyId = variableOf(settings, 'AWS_ACCESS_KEY_ID')
    const secretAccessKey = variableOf(settings, 'AWS_SECRET_ACCESS_KEY')
    const sessionToken = variableOf(settings, 'AWS_SESSION_TOKEN')
    return aws({
      identity: identityOf(settings),
      region: optionOf(settings, 'region') ?? needed(settings, 'AWS_REGION', 'AWS_DEFAULT_REGION'),
      credentials: awsCredentials({
        ...(accessKeyId &&
          secretAccessKey && { environment: { accessKeyId, secretAccessKey, sessionToken } }),
      }),
      audience: audienceOf(settings),
    })
  },
  ldap: (settings) =>
    ldap({
      identity: identityOf(settings),
      username: needed(settings, 'COUNTERSIGN_LDAP_USERNAME', 'INFISICAL_LDAP_USERNAME'),
      password: needed(settings, 'COUNTERSIGN_LDAP_PASSWORD', 'INFISICAL_LDAP_PASSWORD'),
    }),
}

function needed(settings: Settings, ...names: readonly [string, ...string[]]): string {
  const value = variableOf(settings, ...names)
  if (value === undefined) throw new UsageError(`Set ${names[0]}`)
  return value
}

function identityOf(settings: Settings): string {
  const named = optionOf(settings, 'identity')
  return named ?? needed(settings, 'COUNTERSIGN_IDENTITY', 'INFISICAL_MACHINE_IDENTITY_ID')
}

function audienceOf(settings: Settings): string | undefined {
  return optionOf(settings, 'audience') ?? variableOf(settings, AUDIENCE)
}

/** A token of another issuer: out of a file, a variable or standard input. */
function assertionOf(settings: Settings): string | (() => Promise<string>) {
  if (optionOf(settings, 'token-file') !== undefined) return fileOf(settings, '')
  const value = variableOf(settings, 'COUNTERSIGN_ID_TOKEN', 'INFISICAL_JWT')
  return value ?? settings.terminal.readInput
}

function fileOf(settings: Settings, usual: string): () => Promise<string> {
  const path = optionOf(settings, 'token-file') ?? usual
  return () => settings.terminal.readFile(path)
}
