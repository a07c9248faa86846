import type { AuthMethod } from '../model/auth-method.ts'
import type { AuthTemplate } from '../model/auth-template.ts'
import type { Project } from '../model/project.ts'
import type { Role } from '../model/role.ts'
import type { AuthMethodFilter, AuthTemplateFilter, ProjectFilter, RoleFilter } from './filters.ts'
import type { IdentityStore } from './identity-store.ts'
import type { KeyStore } from './key-store.ts'
import type { LockoutStore } from './lockout-store.ts'
import type { LoginStore } from './login-store.ts'
import type { OrganizationStore } from './organization-store.ts'
import type { Outbox } from './outbox.ts'
import type { RecordStore } from './record-store.ts'
import type { RoleBindingStore } from './role-binding-store.ts'
import type { RootKeyStore } from './root-key-store.ts'
import type { SecretStore } from './secret-store.ts'
import type { SinkPlaces } from './sink-places.ts'
import type { StaticTokenStore } from './static-token-store.ts'
import type { TokenStore } from './token-store.ts'
import type { Trail } from './trail.ts'

/** The stores of one deployment: record stores for what people manage, decision stores for what logins and tokens do. */
export interface Stores {
  readonly organizations: OrganizationStore
  readonly projects: RecordStore<
    Project,
    readonly [organization: string, id: string],
    ProjectFilter
  >
  readonly identities: IdentityStore
  /** Keyed by the method's name: an identity has each method once. */
  readonly authMethods: RecordStore<
    AuthMethod,
    readonly [organization: string, identity: string, method: string],
    AuthMethodFilter
  >
  /** A template goes only when no auth method names it any more. */
  readonly authTemplates: RecordStore<
    AuthTemplate,
    readonly [organization: string, id: string],
    AuthTemplateFilter
  >
  /** The slug is unique among the roles of one organization, and among those of one project. */
  readonly roles: RecordStore<Role, readonly [organization: string, id: string], RoleFilter>
  readonly roleBindings: RoleBindingStore
  readonly clientSecrets: SecretStore
  readonly staticTokens: StaticTokenStore
  readonly logins: LoginStore
  readonly tokens: TokenStore
  readonly lockouts: LockoutStore
  readonly keys: KeyStore
  readonly rootKeys: RootKeyStore
  readonly outbox: Outbox
}

/**
 * The authority: where everything durable stands.
 *
 * 1. `transaction` MUST commit all that `run` wrote through the stores it was given, or nothing where `run` throws.
 * 2. What a transaction wrote MUST NOT be seen outside before it commits, and `run` MUST see what it wrote.
 * 3. `transaction` MAY call `run` again after a conflict; `run` therefore does nothing but read and write stores.
 * 4. `now` MUST answer the authority's time.
 * 5. `sweep` MUST remove only what can no longer change any answer, at most `limit` rows, and answer how many.
 * 6. `sweep` MUST keep a credential listed for 30 days after its end, and forget it then.
 * 7. A verb that could not reach the authority MUST throw; the engine answers `unavailable`.
 * 8. What is written through `within` MUST be committed or undone with the host's own transaction, and by nothing else.
 */
export interface Storage extends Stores {
  /** Whether records outlive the process. */
  readonly durable: boolean
  readonly trail: Trail
  readonly sinkPlaces: SinkPlaces
  transaction<T>(run: (stores: Stores) => Promise<T>): Promise<T>
  /** The stores as the host's own open transaction sees them; absent where the storage shares no database with a host. */
  within?(transaction: unknown): Stores
  now(): Promise<Date>
  sweep(now: Date, limit: number): Promise<number>
  /** Checks what the storage needs to work: its schema, its permissions. Throws where it cannot. */
  ready(): Promise<void>
  close(): Promise<void>
  /** Asks what counts beside the authority, where something does; rejects where it cannot be asked. */
  probeCounters?(): Promise<unknown>
}
