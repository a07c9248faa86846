import type { ClientSecret } from '../model/client-secret.ts'
import type { Digest } from '../model/credential.ts'
import type { Event } from '../model/event.ts'
import type { CredentialStore } from './credential-store.ts'

/** A new client secret that takes the place of another one. */
export interface SecretRotation {
  readonly organization: string
  /** The secret that is replaced. */
  readonly id: string
  /** The new secret; it says whom it replaces. */
  readonly successor: ClientSecret
  readonly digest: Digest
  /** When the replaced secret ends, if it does not end sooner by itself. */
  readonly endsAt: Date
}

/**
 * Keeps client secrets, as every credential is kept, and replaces them without a gap.
 *
 * 1. `rotate` MUST store the successor and end the replaced secret at `endsAt` in one step, and never later than it
 *    would have ended.
 * 2. `rotate` MUST answer false and change nothing where the replaced secret is gone, revoked or replaced already, or
 *    the successor's digest or id is taken; however many rotate at once, one succeeds.
 * 3. `endedOverlaps` MUST list exactly the replaced secrets that expired by `now` and are neither revoked nor noted.
 * 4. `noteEnd` MUST write its events once, however many nodes note the same end.
 */
export interface SecretStore extends CredentialStore<ClientSecret> {
  rotate(rotation: SecretRotation, events: readonly Event[]): Promise<boolean>
  endedOverlaps(now: Date, limit: number): Promise<readonly ClientSecret[]>
  noteEnd(secret: ClientSecret, events: readonly Event[]): Promise<boolean>
}
