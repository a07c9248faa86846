import { ClientError } from '../client-error.ts'
import type { LoginSource, Provided } from '../source.ts'
import { assertionSource } from './assertion.ts'
import { askMetadata, readField } from './metadata.ts'

/** An identity, and where a job of GitHub Actions gets its token. */
export interface GithubActionsOptions {
  readonly identity: Provided
  /** `ACTIONS_ID_TOKEN_REQUEST_URL`, which a job has that may `id-token: write`. */
  readonly requestUrl: string | undefined
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly requestToken: string | undefined
  /** What the token is for: the address of the host where left out. */
  readonly audience?: string | undefined
}

/** Logs in by the OpenID Connect token of a job of GitHub Actions. */
export function githubActions(options: GithubActionsOptions): LoginSource {
  const { identity, requestUrl, requestToken } = options
  return assertionSource('github actions', 'oidc-auth', identity, async (context) => {
    if (!requestUrl || !requestToken)
      throw new ClientError(
        'evidence_missing',
        'This job has no token to ask for: give it the permission "id-token: write"',
      )
    const url = new URL(requestUrl)
    url.searchParams.set('audience', options.audience ?? context.audience)
    const headers = { authorization: `bearer ${requestToken}`, accept: 'application/json' }
    return readField(await askMetadata(context, url.href, { headers }), 'value')
  })
}
