import { ClientError } from '../client-error.ts'
import type { LoginSource, Provided } from '../source.ts'
import { assertionSource } from './assertion.ts'
import { askMetadata, readField } from './metadata.ts'

/** An identity, and what a job of Buildkite asks its agent's API with, as `buildkite-agent oidc request-token` does. */
export interface BuildkiteOptions {
  readonly identity: Provided
  /** `BUILDKITE_JOB_ID`. */
  readonly job: string | undefined
  /** `BUILDKITE_AGENT_ACCESS_TOKEN`. */
  readonly accessToken: string | undefined
  /** `BUILDKITE_AGENT_ENDPOINT`; `https://agent.buildkite.com/v3` where left out. */
  readonly endpoint?: string | undefined
  /** What the token is for: the address of the host where left out. */
  readonly audience?: string | undefined
}

/** Logs in by the OpenID Connect token of a job of Buildkite. */
export function buildkite(options: BuildkiteOptions): LoginSource {
  const { identity, job, accessToken, endpoint = 'https://agent.buildkite.com/v3' } = options
  return assertionSource('buildkite', 'oidc-auth', identity, async (context) => {
    if (!job || !accessToken)
      throw new ClientError('evidence_missing', 'This is no job of Buildkite')
    const url = `${endpoint.replace(/\/+$/, '')}/jobs/${encodeURIComponent(job)}/oidc/tokens`
    const response = await askMetadata(context, url, {
      method: 'POST',
      headers: { authorization: `Token ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ audience: options.audience ?? context.audience }),
    })
    return readField(response, 'token')
  })
}
