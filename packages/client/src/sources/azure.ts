import type { LoginSource, Provided, SourceContext } from '../source.ts'
import { provide } from '../source.ts'
import { assertionSource } from './assertion.ts'
import { askMetadata, readField } from './metadata.ts'

/** An identity, and the managed identity of Azure that it trusts. */
export interface AzureOptions {
  readonly identity: Provided
  /** The application that the token is for, as the identity's policy names it. Better not that of Azure's own management. */
  readonly resource: string
  /** The client id of a user-assigned managed identity. */
  readonly clientId?: string | undefined
  /** `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` of App Service and Functions; the instance metadata service where left out. */
  readonly endpoint?: { readonly url: string; readonly header: string } | undefined
  /** Where the instance metadata service stands: `http://169.254.169.254` where left out. */
  readonly metadataUrl?: string | undefined
}

/** Logs in by a token of a managed identity, on virtual machines, App Service and Functions. */
export function azure(options: AzureOptions): LoginSource {
  return assertionSource('azure', 'azure-auth', options.identity, (context) =>
    readManagedToken(context, options),
  )
}

async function readManagedToken(
  context: SourceContext,
  { resource, clientId, endpoint, metadataUrl = 'http://169.254.169.254' }: AzureOptions,
): Promise<string> {
  const query = new URLSearchParams({ resource, ...(clientId && { client_id: clientId }) })
  const [url, version, headers] =
    endpoint === undefined
      ? [`${metadataUrl}/metadata/identity/oauth2/token`, '2018-02-01', { metadata: 'true' }]
      : [endpoint.url, '2019-08-01', { 'x-identity-header': endpoint.header }]
  query.set('api-version', version)
  const response = await askMetadata(context, `${url}?${query}`, { headers })
  return readField(response, 'access_token')
}

/** An identity, and a federated token of Azure's workload identity. */
export interface AzureWorkloadOptions extends Pick<AzureOptions, 'identity' | 'resource'> {
  /** `AZURE_TENANT_ID`. */
  readonly tenant: string
  /** `AZURE_CLIENT_ID`. */
  readonly clientId: string
  /** What `AZURE_FEDERATED_TOKEN_FILE` holds, read anew for every login. */
  readonly federatedToken: Provided
  /** `AZURE_AUTHORITY_HOST`; `https://login.microsoftonline.com` where left out. */
  readonly authority?: string | undefined
}

/** Logs in by workload identity of Azure: a projected token of AKS, exchanged at Entra ID. */
export function azureWorkload(options: AzureWorkloadOptions): LoginSource {
  const { authority = 'https://login.microsoftonline.com', tenant, resource, clientId } = options
  return assertionSource('azure workload', 'azure-auth', options.identity, async (context) => {
    const url = `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`
    const response = await askMetadata(context, url, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        scope: `${resource.replace(/\/+$/, '')}/.default`,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await provide(options.federatedToken),
      }),
    })
    return readField(response, 'access_token')
  })
}
