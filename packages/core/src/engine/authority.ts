import { CountersignError } from '../errors.ts'
import type { Actor } from '../model/actor.ts'
import type { Principal } from '../model/principal.ts'
import type { Scope } from '../model/scope.ts'

/** What managing takes, in the words of the permission vocabulary. */
export type ManagementPermission =
  | `organization:${'create' | 'read' | 'update' | 'delete'}`
  | `project:${'create' | 'read' | 'update' | 'delete'}`
  | `identity:${'create' | 'read' | 'update' | 'delete' | 'unlock' | 'assign'}`
  | `auth-method:${'attach' | 'read' | 'update' | 'detach'}`
  | `credential:${'create' | 'read' | 'delete'}`
  | `signing-key:${'read' | 'rotate' | 'revoke'}`

/** On whose word something is managed: who acts, and what that allows. */
export interface Authority {
  readonly actor: Actor
  /** Throws `permission_denied` unless the actor may do this here. */
  permit(permission: ManagementPermission, scope: Scope): void
}

/** The host's own authority: it may do everything, and its label stands in every event. */
export function hostAuthority(label: string): Authority {
  if (typeof label !== 'string' || label.trim() === '' || !/^\P{C}{1,128}$/u.test(label))
    throw new TypeError(
      'asHost() takes a label of 1 to 128 printable characters that says what acts',
    )
  return { actor: { kind: 'host', label }, permit: () => undefined }
}

/** A principal's authority: what the roles that are bound to it allow, which without a binding is nothing. */
export function principalAuthority(principal: Principal): Authority {
  return {
    actor:
      principal.kind === 'identity'
        ? { kind: 'identity', id: principal.identity }
        : { kind: 'user', id: principal.user },
    permit(permission, scope) {
      throw new CountersignError('permission_denied', 'A permission for this is missing', {
        reason: 'forbidden',
        details: { refusal: 'missing_permission', permission, scope },
      })
    },
  }
}
