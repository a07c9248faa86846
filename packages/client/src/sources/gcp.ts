import { ClientError } from '../client-error.ts'
import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'
import { assertionSource } from './assertion.ts'
import { askMetadata } from './metadata.ts'

/** An identity, and where the metadata server of Google stands. */
export interface GcpOptions {
  readonly identity: Provided
  /** What the token is for: the identity where left out, as Infisical's clients have it. */
  readonly audience?: Provided
  /** The host of the metadata server: `GCE_METADATA_HOST` of the environment, for emulators. */
  readonly metadataHost?: string | undefined
}

/** Logs in by the identity token that Compute Engine, Cloud Run, GKE and App Engine serve to what runs there. */
export function gcp(options: GcpOptions): LoginSource {
  const { identity, audience = identity, metadataHost = 'metadata.google.internal' } = options
  return assertionSource('gcp', 'gcp-auth', identity, async (context) => {
    const query = new URLSearchParams({ audience: await provide(audience), format: 'full' })
    const path = '/computeMetadata/v1/instance/service-accounts/default/identity'
    const response = await askMetadata(context, `http://${metadataHost}${path}?${query}`, {
      headers: { 'metadata-flavor': 'Google' },
    })
    // Whoever else answers at that name does not say so.
    if (response.headers.get('metadata-flavor') !== 'Google')
      throw new ClientError('evidence_missing', `${metadataHost} is no metadata server of Google`)
    return response.text()
  })
}
