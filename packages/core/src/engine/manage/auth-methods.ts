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
import type { RehearsalInput } from '../../input/rehearsal.ts'
import { rehearsalInput } from '../../input/rehearsal.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { Event } from '../../model/event.ts'
import type { Subject } from '../../model/role-binding.ts'
import { withoutSecrets } from '../policy-secrets.ts'
import type { CommandsOf, Desk } from './command.ts'
import { createKeeper } from './keeper.ts'
import { clearLockouts } from './lockouts.ts'
import { buildAuthMethod, changeAuthMethod, methodEvent } from './method-settings.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'
import { probeChangedPolicy, probeNewPolicy } from './probe-policy.ts'
import type { Rehearsal } from './rehearse.ts'
import { rehearse } from './rehearse.ts'

/** Manages how identities may log in. */
export interface AuthMethods<
  New = NewAuthMethod,
  Changed = AuthMethodChange,
  Key = AuthMethodKey,
  Tried = RehearsalInput,
> {
  /** Lets an identity log in by a method; `conflict` where it can already. */
  attach(authMethod: New): Promise<AuthMethod>
  /** Answers one, or throws `not_found`. */
  get(key: Key): Promise<AuthMethod>
  list(query: AuthMethodList): Promise<Page<AuthMethod>>
  /** Changes one; what is left out stays. With `revision` only if nothing else changed it meanwhile. */
  update(change: Changed): Promise<AuthMethod>
  /** Takes a method away with its credentials; every token that it gave ends at once. */
  detach(key: Key): Promise<void>
  /**
   * Tries a login out: every check with its verdict, nothing issued, counted or charged. It stands in the trail.
   *
   * @throws `invalid_request` for a method whose credentials can be guessed; `unavailable` where nobody could tell.
   */
  rehearse(login: Tried): Promise<Rehearsal>
}

const keeper = createKeeper('auth method', (stores) => stores.authMethods)
const identityKeeper = createKeeper('identity', (stores) => stores.identities)

/** What managing auth methods takes and does. */
export const authMethodCommands: CommandsOf<AuthMethods> = {
  attach: {
    input: newAuthMethod,
    permission: 'auth-method:attach',
    targetOf: toIdentity,
    probe: (desk, wanted) => probeNewPolicy(desk, wanted.organization, wanted),
    run: attach,
  },
  get: {
    input: authMethodKey,
    permission: 'auth-method:read',
    targetOf: toIdentity,
    onOneself: true,
    run: async (desk, key) => withoutSecrets(desk, await keeper.get(desk.storage, toKey(key))),
  },
  list: {
    input: authMethodList,
    permission: 'auth-method:read',
    targetOf: toIdentity,
    onOneself: true,
    run: list,
  },
  update: {
    input: authMethodChange,
    permission: 'auth-method:update',
    targetOf: toIdentity,
    probe: async (desk, change) =>
      probeChangedPolicy(desk, await desk.storage.authMethods.find(...toKey(change)), change),
    run: update,
  },
  rehearse: {
    input: rehearsalInput,
    permission: 'auth-method:update',
    reads: true,
    targetOf: toIdentity,
    run: rehearse,
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
  const authMethod = await buildAuthMethod(desk, identity, wanted)
  const event = methodEvent(desk, 'auth_method.attached', authMethod)
  if (await desk.storage.authMethods.insert(authMethod, [event]))
    return withoutSecrets(desk, authMethod)
  throw conflict('The identity has this auth method already')
}

async function list(
  desk: Desk,
  { organization, identity, ...page }: AuthMethodList,
): Promise<Page<AuthMethod>> {
  await identityKeeper.get(desk.storage, [organization, identity])
  const { authMethods } = desk.storage
  const found = await pageOf('auth methods', authMethods, page, { organization, identity })
  return { ...found, items: found.items.map((method) => withoutSecrets(desk, method)) }
}

async function update(
  desk: Desk,
  { organization, identity, method, revision, ...settings }: AuthMethodChange,
): Promise<AuthMethod> {
  const revised = await keeper.update(desk, [organization, identity, method], {
    revision,
    whole: true,
    apply: (standing) => changeAuthMethod(desk, standing, settings),
    event: (changed) => methodEvent(desk, 'auth_method.updated', changed),
    tidy: (standing, changed) => clearIdleCounters(desk, standing, changed),
  })
  return withoutSecrets(desk, revised)
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
