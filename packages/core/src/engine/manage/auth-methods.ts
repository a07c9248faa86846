import { conflict } from '../../errors.ts'
import type {
  AuthMethodChange,
  AuthMethodKey,
  AuthMethodList,
  NewAuthMethod,
} from '../../input/auth-method.ts'
import {
  authMethodChange,
  authMethodKey,
  authMethodList,
  newAuthMethod,
} from '../../input/auth-method.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { Event } from '../../model/event.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { CommandsOf, Desk } from './command.ts'
import { createKeeper } from './keeper.ts'
import { clearLockouts } from './lockouts.ts'
import { buildAuthMethod, changeAuthMethod, methodEvent } from './method-settings.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** Manages how identities may log in. */
export interface AuthMethods<New = NewAuthMethod, Changed = AuthMethodChange, Key = AuthMethodKey> {
  /** Lets an identity log in by a method; `conflict` where it can already. */
  attach(authMethod: New): Promise<AuthMethod>
  /** Answers one, or throws `not_found`. */
  get(key: Key): Promise<AuthMethod>
  list(query: AuthMethodList): Promise<Page<AuthMethod>>
  /** Changes one; what is left out stays. With `revision` only if nothing else changed it meanwhile. */
  update(change: Changed): Promise<AuthMethod>
  /** Takes a method away with its credentials; every token that it gave ends at once. */
  detach(key: Key): Promise<void>
}

const keeper = createKeeper('auth method', (stores) => stores.authMethods)
const identityKeeper = createKeeper('identity', (stores) => stores.identities)

/** What managing auth methods takes and does. */
export const authMethodCommands: CommandsOf<AuthMethods> = {
  attach: {
    input: newAuthMethod,
    permission: 'auth-method:attach',
    targetOf: toIdentity,
    run: attach,
  },
  get: {
    input: authMethodKey,
    permission: 'auth-method:read',
    targetOf: toIdentity,
    onOneself: true,
    run: ({ storage }, key) => keeper.get(storage, toKey(key)),
  },
  list: {
    input: authMethodList,
    permission: 'auth-method:read',
    targetOf: toIdentity,
    onOneself: true,
    run: async ({ storage }, { organization, identity, ...page }) => {
      await identityKeeper.get(storage, [organization, identity])
      return pageOf('auth methods', storage.authMethods, page, { organization, identity })
    },
  },
  update: {
    input: authMethodChange,
    permission: 'auth-method:update',
    targetOf: toIdentity,
    run: (desk, { organization, identity, method, revision, ...settings }) =>
      keeper.update(desk, [organization, identity, method], {
        revision,
        apply: (standing) => changeAuthMethod(desk, standing, settings),
        event: (revised) => methodEvent(desk, 'auth_method.updated', revised),
        tidy: (standing, revised) => clearIdleCounters(desk, standing, revised),
      }),
  },
  detach: {
    input: authMethodKey,
    permission: 'auth-method:detach',
    targetOf: toIdentity,
    run: detach,
  },
}

async function attach(desk: Desk, wanted: NewAuthMethod): Promise<AuthMethod> {
  const identity = await identityKeeper.get(desk.storage, [wanted.organization, wanted.identity])
  const authMethod = buildAuthMethod(desk, identity, wanted)
  const event = methodEvent(desk, 'auth_method.attached', authMethod)
  if (await desk.storage.authMethods.insert(authMethod, [event])) return authMethod
  throw conflict('The identity has this auth method already')
}

async function detach(desk: Desk, key: AuthMethodKey): Promise<void> {
  const event: Event = methodEvent(
    desk,
    'auth_method.detached',
    await keeper.get(desk.storage, toKey(key)),
  )
  await keeper.remove(desk, toKey(key), event)
}

/** A counter that judges no attempt any more would still be listed, and would lock again if its policy came back. */
async function clearIdleCounters(
  desk: Desk,
  standing: AuthMethod,
  revised: AuthMethod,
): Promise<void> {
  if (scopeOf(standing.lockout) !== scopeOf(revised.lockout)) await clearLockouts(desk, revised)
}

function scopeOf(lockout: AuthMethod['lockout']): string {
  return lockout === 'off' ? 'off' : lockout.scope
}

function toKey({
  organization,
  identity,
  method,
}: AuthMethodKey): readonly [string, string, string] {
  return [organization, identity, method]
}

function toIdentity({ identity: id }: Pick<AuthMethodKey, 'identity'>): Subject {
  return { kind: 'identity', id }
}
