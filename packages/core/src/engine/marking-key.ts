import { later } from '../lib/time.ts'
import type { CredentialKey } from '../ports/credential-store.ts'
import type { Parts } from './parts.ts'

/** Names a credential whose end is the end of its tokens. */
export function toMarkingKey(
  { clock, maxTokenAge }: Pick<Parts, 'clock' | 'maxTokenAge'>,
  { organization, id }: CredentialKey,
): CredentialKey {
  return { organization, id, mark: { organization, id, until: later(clock.now(), maxTokenAge) } }
}
