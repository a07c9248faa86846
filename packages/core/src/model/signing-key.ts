import type { SigningAlgorithm } from '../lib/signing-key.ts'

/** Where a signing key is on its way: shown to others, signing, only checked, gone. */
export type SigningKeyPhase = 'published' | 'active' | 'retiring' | 'retired'

/** What is known of a signing key; its private half is sealed and stands elsewhere. */
export interface SigningKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly createdAt: Date
  /** When it begins to sign; until then others can learn of it. */
  readonly activeFrom: Date
  /** When its successor begins to sign; absent on the newest key. */
  readonly supersededAt?: Date
  /** When no token that it signed can live any more; absent on the newest key. */
  readonly retiresAt?: Date
}

/** Tells where a key is on its way at `now`. */
export function phaseOf(key: SigningKey, now: Date): SigningKeyPhase {
  if (key.retiresAt !== undefined && now >= key.retiresAt) return 'retired'
  if (key.supersededAt !== undefined && now >= key.supersededAt) return 'retiring'
  return now >= key.activeFrom ? 'active' : 'published'
}
