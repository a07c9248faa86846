import type { Actor } from './actor.ts'
import type { Source } from './source.ts'

/** The id of one event; a sink that sees it twice may drop the second. */
export type EventId = `evt_${string}`

/** What an event is about. */
export interface EventTarget {
  readonly kind:
    | 'organization'
    | 'project'
    | 'identity'
    | 'auth_method'
    | 'auth_template'
    | 'client_secret'
    | 'static_token'
    | 'role'
    | 'role_binding'
    | 'vocabulary'
    | 'lockout'
    | 'token'
    | 'signing_key'
    | 'root_key'
    | 'clock'
    | 'trail'
    | 'storage'
  readonly id: string
}

/** Every kind of fact in the audit trail. */
export type EventType =
  | `${'organization' | 'project' | 'identity'}.${'created' | 'updated' | 'deleted'}`
  | `auth_method.${'attached' | 'updated' | 'detached' | 'rehearsed'}`
  | `auth_template.${'created' | 'updated' | 'deleted'}`
  | `client_secret.${'created' | 'rotated' | 'expiring' | 'expired' | 'revoked' | 'deleted'}`
  | `static_token.${'created' | 'updated' | 'expiring' | 'revoked' | 'deleted'}`
  | `role.${'created' | 'updated' | 'deleted'}`
  | `role_binding.${'created' | 'deleted'}`
  | 'identity.unused'
  | 'key.expiring'
  | 'permission.denied'
  | 'vocabulary.outgrown'
  | `login.${'granted' | 'refused'}`
  | `lockout.${'started' | 'cleared'}`
  | `token.${'renewed' | 'exchanged' | 'revoked' | 'refused'}`
  | `signing_key.${'created' | 'revoked'}`
  | 'root_key.retired'
  | 'clock.drifted'
  | `trail.${'broken' | 'resigned' | 'forgotten'}`
  | 'storage.restored'

/** One fact for the audit trail: additive within a `v`, and never a secret in it. */
export interface Event {
  readonly v: 1
  readonly id: EventId
  readonly type: EventType
  readonly at: Date
  readonly organization?: string
  readonly actor: Actor
  readonly target: EventTarget
  /** Why, where something was refused or taken back. */
  readonly reason?: string
  readonly source?: Source
  /** How many alike this one stands for; absent means one. */
  readonly count?: number
  readonly details?: Readonly<Record<string, string | number | boolean>>
}

/** An event that has not been stamped with an id and an instant. */
export type EventDraft = Omit<Event, 'v' | 'id' | 'at'>
