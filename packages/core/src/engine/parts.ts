import type { AuditSettings } from '../input/options.ts'
import type { RootKey } from '../lib/root-key.ts'
import type { SecretForm } from '../lib/secret.ts'
import type { SigningAlgorithm } from '../lib/signing-key.ts'
import type { Seconds } from '../lib/time.ts'
import type { CodeRoles } from '../model/permission/code-roles.ts'
import type { CompileBound } from '../model/permission/compile-bound.ts'
import type { Vocabulary } from '../model/permission/vocabulary.ts'
import type { Cells } from '../ports/cells.ts'
import type { Invalidation } from '../ports/channel.ts'
import type { Forgeries } from '../ports/forgeries.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { ShadowLockouts } from '../ports/shadow-lockouts.ts'
import type { Storage } from '../ports/storage.ts'
import type { TokenCheck } from '../ports/token-check.ts'
import type { Trail } from '../ports/trail.ts'
import type { Verifier } from '../ports/verifier.ts'
import type { Clock } from './clock.ts'
import type { Keys } from './keys.ts'
import type { Notices } from './notices.ts'
import type { Principals } from './principals.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Refusals } from './refusals.ts'
import type { Admits } from './source.ts'
import type { Stamp } from './stamp.ts'
import type { Statistics } from './statistics.ts'

/** What the use cases of one engine share. Each names the parts it needs. */
export interface Parts {
  readonly issuer: string
  readonly storage: Storage
  /** What becomes of events when they are committed. */
  readonly trail: Trail
  readonly audit: AuditSettings
  readonly notices: Notices
  readonly runtime: Runtime
  readonly clock: Clock
  /** Newest first; the first one makes new digests. */
  readonly rootKeys: readonly [RootKey, ...RootKey[]]
  readonly keys: Keys
  /** What new signing keys sign with. */
  readonly algorithm: SigningAlgorithm
  /** How long a signing key signs before it is replaced; absent where the host rotates. */
  readonly rotateEvery?: Seconds
  /** Root keys that are gone for good. */
  readonly retiredRootKeys: readonly string[]
  readonly tokenCheck: TokenCheck
  readonly admits: Admits
  readonly stamp: Stamp
  readonly refusals: Refusals
  readonly rateLimits: RateLimits
  readonly forgeries: Forgeries
  /** Hears what other nodes changed, until the function that it answers is called; absent without a channel. */
  readonly listen?: () => Promise<() => void>
  /** Forgets whatever the authority said. */
  readonly forgetAll: () => void
  /** Tells of every change that this node makes or hears of, when it has forgotten what it knew. */
  readonly onChange: (listener: (change: Invalidation) => void) => () => void
  readonly statistics: Statistics
  readonly shadow: ShadowLockouts
  readonly principals: Principals
  readonly vocabulary: Vocabulary
  /** Built-in roles and the host's own. */
  readonly codeRoles: CodeRoles
  /** Finds the rules behind bindings without remembering any: what a transaction reads may never be committed. */
  readonly compileFresh: CompileBound
  readonly cells: Cells
  readonly verifiers: ReadonlyMap<string, Verifier>
  readonly maxTokenAge: Seconds
  /** What our client secrets look like. */
  readonly secretForm: SecretForm
  /** What our static tokens look like. */
  readonly staticTokenForm: SecretForm
}
