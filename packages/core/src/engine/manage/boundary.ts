import { CountersignError } from '../../errors.ts'
import type { Restriction } from '../../model/access-token.ts'
import type { Actor } from '../../model/actor.ts'
import { compileHolding } from '../../model/permission/compile-bound.ts'
import type { CompiledPermissions } from '../../model/permission/compile-rules.ts'
import { decide } from '../../model/permission/decide.ts'
import type { Exceeding } from '../../model/permission/exceeds.ts'
import { exceeds } from '../../model/permission/exceeds.ts'
import { isWithin } from '../../model/permission/restriction.ts'
import type { Holding } from '../../model/role.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { Scope } from '../../model/scope.ts'
import type { Parts } from '../parts.ts'
import type { ManagementPermission } from './management-permission.ts'

/** Why an actor may not manage something. */
export type Refusal = 'missing_permission' | 'role_exceeds' | 'target_exceeds'

/** Whether the caller may see by which request rules exceed its own: it wrote them, or they stand in code. */
export type Showing = 'shown' | 'hidden'

/**
 * The privilege boundary of one actor, judged on what it holds inside the transaction of the write: nobody grants, reads,
 * changes or takes away what exceeds that.
 */
export interface Boundary {
  /** False for the host alone, whom nothing exceeds. */
  readonly isBounded: boolean
  /** Throws unless the actor holds one of the permissions in the scope; tells of it as the actor said it. */
  permit(permissions: readonly ManagementPermission[], scope: Scope, said: Scope): void
  /** Tells whether the actor holds a permission in a scope. */
  allows(permission: ManagementPermission, scope: Scope): boolean
  isOneself(subject: Subject): boolean
  /** Throws where the actor's token is restricted to less than what everybody may do to itself. */
  permitOnOneself(permission: ManagementPermission): void
  /** Tells whether the actor holds all that somebody else does. */
  covers(holding: Holding): boolean
  /** Tells whether the actor holds all that some permissions allow. */
  coversRules(theirs: CompiledPermissions): boolean
  /** Throws where a target holds more than the actor, now or later. */
  assertCovers(holding: Holding): void
  /** Throws where what somebody would hold, now or once it is enabled, is more than the actor's. */
  assertGrants(holding: Holding, showing: Showing): void
  /** Throws where a role allows more than the actor may do, whoever holds it. */
  assertRole(theirs: CompiledPermissions, showing: Showing): void
  /** Throws: what was asked would change the actor itself. */
  refuseOneself(): never
}

/** The boundary of the host: there is none. */
export const UNBOUNDED: Boundary = Object.freeze({
  isBounded: false,
  permit: () => undefined,
  allows: () => true,
  isOneself: () => false,
  permitOnOneself: () => undefined,
  covers: () => true,
  coversRules: () => true,
  assertCovers: () => undefined,
  assertGrants: () => undefined,
  assertRole: () => undefined,
  refuseOneself(): never {
    throw new TypeError('The host is no principal')
  },
})

/** What a boundary is judged by. */
export interface BoundaryParts extends Pick<Parts, 'vocabulary' | 'compileFresh'> {
  readonly mine: CompiledPermissions
  /** What the token of the actor is restricted to. */
  readonly restriction?: Restriction | undefined
  readonly actor: Actor
  readonly organization: string
  readonly now: Date
}

/** Creates the boundary of a principal, from what it holds at this moment. */
export function createBoundary(parts: BoundaryParts): Boundary {
  const { vocabulary, compileFresh, mine, restriction, actor, organization, now } = parts
  let asked: ManagementPermission | '*' | undefined
  let askedIn: Scope = { organization }

  function covers(holding: Holding): boolean {
    if (holding.bound.length === 0) return true
    return exceeds(mine, compile(holding), now) === undefined
  }

  function compile(holding: Holding): CompiledPermissions {
    return compileHolding(vocabulary, compileFresh, enabled(holding))
  }

  function assertWithin(theirs: CompiledPermissions, showing: Showing): void {
    const excess = exceeds(mine, theirs, now)
    if (excess !== undefined) refuse('role_exceeds', showing === 'shown' ? excess : undefined)
  }

  function allows(permission: ManagementPermission, scope: Scope): boolean {
    return decide(mine, { permission, scope }, now).allowed
  }

  function refuse(refusal: Exclude<Refusal, 'missing_permission'>, excess?: Exceeding): never {
    throw refused({
      refusal,
      permission: excess?.permission ?? asked ?? '*',
      scope: askedIn,
      ...(excess?.witness !== undefined && { witness: excess.witness }),
    })
  }

  return {
    isBounded: true,
    permit(permissions, scope, said) {
      const [permission = '*'] = permissions
      asked = permission
      askedIn = scope
      if (permissions.some((name) => allows(name, scope))) return
      throw refused({ refusal: 'missing_permission', permission, scope: said })
    },
    allows,
    isOneself: ({ kind, id }) => actor.kind === kind && 'id' in actor && actor.id === id,
    permitOnOneself(permission) {
      if (restriction === undefined) return
      // A credential of its own has no restriction: it would open all that this token must not.
      if (permission !== 'credential:create' && isWithin(restriction, permission)) return
      throw refused({ refusal: 'missing_permission', permission, scope: { organization } })
    },
    covers,
    coversRules: (theirs) => exceeds(mine, theirs, now) === undefined,
    assertCovers(holding) {
      // What exceeds the caller is not shown to it.
      if (!covers(holding)) refuse('target_exceeds')
    },
    assertGrants: (holding, showing) => assertWithin(compile(holding), showing),
    assertRole: assertWithin,
    refuseOneself: () => refuse('target_exceeds'),
  }
}

/** Disabling takes nothing away for good: whoever may be enabled again is judged as if it were. */
export function enabled(holding: Holding): Holding {
  const { identity } = holding
  return identity?.disabled === true
    ? { ...holding, identity: { ...identity, disabled: false } }
    : holding
}

/** The fixed sentence of each refusal. */
const SENTENCES: Readonly<Record<Refusal, string>> = {
  missing_permission: 'A permission for this is missing',
  role_exceeds: 'The role is more privileged than you are',
  target_exceeds: 'The target is more privileged than you are, or is yourself',
}

interface RefusalDetails {
  readonly refusal: Refusal
  readonly permission: string
  readonly scope: Scope
  readonly witness?: NonNullable<Exceeding['witness']>
}

function refused(details: RefusalDetails): CountersignError {
  const reason = details.refusal === 'missing_permission' ? 'forbidden' : 'privilege_boundary'
  return new CountersignError('permission_denied', SENTENCES[details.refusal], {
    reason,
    details: { ...details },
  })
}
