import type {
  AuthMethod,
  AuthMethodSettings,
  AuthMethods,
  WiredMethod,
  WireMapping,
} from '@countersign/core'
import { renamed } from '../wire/field-names.ts'
import { fromPolicy, saysPolicy } from '../wire/policy.ts'
import type { WireSettings } from '../wire/settings.ts'
import { fromSettings, settingsAnswer, settingsSchema, toSettingsAnswer } from '../wire/settings.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

/** The four routes of each method that has a name on this wire: attach, get, update, revoke. */
export function authMethodRoutes(methods: readonly WiredMethod[]): readonly Route[] {
  return methods.flatMap(({ method, wire }) =>
    wire === undefined ? [] : routesOf({ method, wire }),
  )
}

interface Named {
  readonly method: string
  readonly wire: WireMapping
}

function routesOf(named: Named): readonly Route[] {
  const { wire } = named
  const path = `/api/v1/auth/${wire.slug}/identities/:identityId` as const
  const shared = { path, tag: 'Auth methods', answer: settingsAnswer(wire) }
  const settings = settingsSchema(wire)
  return [
    managed({
      ...shared,
      id: `attach-${wire.slug}`,
      method: 'POST',
      summary: `Lets an identity log in by ${wire.slug}.`,
      permission: 'auth-method:attach',
      body: settings,
      bodyOptional: true,
      repeats: 'answered',
      run: (call) => attach(call, named),
    }),
    managed({
      ...shared,
      id: `get-${wire.slug}`,
      method: 'GET',
      summary: `Shows how an identity logs in by ${wire.slug}.`,
      permission: 'auth-method:read',
      run: async (call) =>
        toSettingsAnswer(await call.manage.authMethods.get(keyOf(call, named)), wire),
    }),
    managed({
      ...shared,
      id: `update-${wire.slug}`,
      method: 'PATCH',
      summary: `Changes how an identity logs in by ${wire.slug}; what is left out stays.`,
      permission: 'auth-method:update',
      body: settings,
      run: (call) => update(call, named),
    }),
    managed({
      ...shared,
      id: `revoke-${wire.slug}`,
      method: 'DELETE',
      summary: `Takes ${wire.slug} away with its credentials; every token it gave ends at once.`,
      permission: 'auth-method:detach',
      run: (call) => detach(call, named),
    }),
  ]
}

type Call<Body = undefined> = Managing<'identityId', Body>

function keyOf({ organization, params }: Call<unknown>, { method }: Named) {
  return { organization, identity: params.identityId, method }
}

/** What a client says is judged when it runs: no type knows which template it names. */
function authMethodsOf({ manage }: Call<unknown>): AuthMethods {
  return manage.authMethods
}

function attach(call: Call<WireSettings>, named: Named): Promise<object> {
  const { policy } = named.wire
  return renamed(async () => {
    const settings = {
      ...fromSettings(call.body, 'absent'),
      ...(saysPolicy(policy, call.body) && { policy: fromPolicy(policy, call.body) }),
    }
    const attached = await authMethodsOf(call).attach({ ...keyOf(call, named), ...settings })
    return toSettingsAnswer(attached, named.wire)
  }, named.wire)
}

async function detach(call: Call, named: Named): Promise<object> {
  const key = keyOf(call, named)
  const standing = await call.manage.authMethods.get(key)
  await call.manage.authMethods.detach(key)
  return toSettingsAnswer(standing, named.wire)
}

/** What stands is read only where the change depends on it, and then nothing may come between. */
function update(call: Call<WireSettings>, named: Named): Promise<object> {
  const { policy } = named.wire
  const key = keyOf(call, named)
  return renamed(async () => {
    const settings = fromSettings(call.body, 'unlimited')
    const isPolicy = saysPolicy(policy, call.body)
    const isSwitchedOn = call.body.lockoutEnabled === true && settings.lockout === undefined
    const standing = isPolicy || isSwitchedOn ? await call.manage.authMethods.get(key) : undefined
    const revised = await authMethodsOf(call).update({
      ...key,
      ...settings,
      ...(isSwitchedOn && standing?.lockout === 'off' && { lockout: { threshold: 3 } }),
      ...(isPolicy && { policy: fromPolicy(policy, call.body, baseOf(standing, settings, named)) }),
      ...(standing && { revision: standing.revision }),
    })
    return toSettingsAnswer(revised, named.wire)
  }, named.wire)
}

/** What a policy is changed from: a template takes the place of what it holds. */
function baseOf(
  standing: AuthMethod | undefined,
  { template }: Pick<AuthMethodSettings, 'template'>,
  { wire }: Named,
): unknown {
  if (standing === undefined || template === undefined || template === 'none')
    return standing?.policy
  const held = Object.fromEntries((wire.template ?? []).map((name) => [name, '']))
  return fromPolicy(wire.policy, held, standing.policy)
}
