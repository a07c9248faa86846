import type { IdentityId } from '../identity.ts'
import type { ConcretePermission, Question, Resources } from '../resources.ts'
import type { Rule } from '../rule.ts'
import type { Scope } from '../scope.ts'
import type { Conditions } from './conditions.ts'
import type { Explanation } from './explain.ts'

/** Why a principal that has not been refreshed for too long may do nothing. */
export interface StaleExplanation {
  readonly allowed: false
  readonly reason: 'stale'
}

/** Some rules that a principal holds, where, and from when until when. */
export interface HeldPermissions {
  readonly binding: string
  /** The role's slug; absent for rules that are bound directly. */
  readonly role?: string
  readonly scope: Scope
  readonly from?: Date
  readonly until?: Date
  readonly rules: readonly Rule[]
}

/** Where something is asked for: in a project, or in the organization where none is named. */
export interface Place {
  readonly project?: string | undefined
}

/** A question's arguments: optional where the question says nothing beside its permission. */
export type Asked<R extends Resources, P extends string> =
  // biome-ignore lint/complexity/noBannedTypes: the empty object is what an empty question is compared with.
  {} extends Question<R, P> ? [question?: Question<R, P>] : [question: Question<R, P>]

/**
 * What a principal may do, decided in memory from what the node knows of its bindings.
 *
 * A handle may be kept: a change on this node reaches it at once, the end of a window at its very instant. After
 * `principalTtl` without `refresh()` or another request of the same subject, every answer is a no (`stale`).
 */
export interface Permissioned<R extends Resources = Resources> {
  /** Tells whether this may be done. Every attribute of the resource must be named, and the project it lives in. */
  can<P extends ConcretePermission<R>>(permission: P, ...asked: Asked<R, P>): boolean

  /** @throws `permission_denied` where `can` says no; its `details` name the permission and the scope. */
  authorize<P extends ConcretePermission<R>>(permission: P, ...asked: Asked<R, P>): void

  /** Tells whether any question about a permission could be answered with yes now: for menus. */
  canSometimes(permission: ConcretePermission<R>, place?: Place): boolean

  /** Tells which rule of which binding decided, or the nearest one and what it missed. */
  explain<P extends ConcretePermission<R>>(
    permission: P,
    ...asked: Asked<R, P>
  ): Explanation | StaleExplanation

  /** Says of which rows `can` would say yes, as plain data for a list endpoint. */
  conditions(permission: ConcretePermission<R>, place?: Place): Conditions

  /** Lists all that it holds: past and future windows too, with both ends. */
  permissions(): readonly HeldPermissions[]

  /** Asks the authority what the subject holds now; a principal on the host's word alone stays as it is. */
  refresh(): Promise<void>
}

/** A workload that proved itself with a token, or that the host vouches for. */
export interface IdentityPrincipal<R extends Resources = Resources> extends Permissioned<R> {
  readonly kind: 'identity'
  readonly organization: string
  readonly identity: IdentityId
  readonly name: string
  readonly slug?: string
  readonly metadata: Readonly<Record<string, string>>
  /** How it logged in; `vouched for` where the host checked a credential of its own. */
  readonly method: string
  /** The login that its token belongs to, renewals included; the id of a static token is its own, of who has none the identity's. */
  readonly session: string
  /** When it logged in, or the host vouched; when a static token was made. */
  readonly loggedInAt: Date
  /** When the token it showed ends; absent where a static token never does. */
  readonly expiresAt?: Date
}

/** A person whom the host authenticated and vouches for. We know an id, nothing more. */
export interface UserPrincipal<R extends Resources = Resources> extends Permissioned<R> {
  readonly kind: 'user'
  readonly organization: string
  readonly user: string
}

/** Who makes one request. */
export type Principal<R extends Resources = Resources> = IdentityPrincipal<R> | UserPrincipal<R>
