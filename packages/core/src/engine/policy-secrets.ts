import { invalidRequest, unavailable } from '../errors.ts'
import { fromUtf8, toUtf8 } from '../lib/bytes.ts'
import { toCanonicalJson } from '../lib/canonical-json.ts'
import { open, seal } from '../lib/seal.ts'
import type { AuthMethod } from '../model/auth-method.ts'
import type { AuthTemplate } from '../model/auth-template.ts'
import type { Parts } from './parts.ts'

/** What stands in an answer where a policy has a secret; handed back in a change, the secret stays as it is. */
export const SEALED = '[sealed]'

type Needs = Pick<Parts, 'verifiers' | 'rootKeys'>
type Sealing = Needs & Pick<Parts, 'runtime'>

/** What has a policy: an auth method, or a template of some. */
export type Owned = Pick<AuthMethod | AuthTemplate, 'id' | 'organization' | 'method' | 'policy'>

/** A secret as it is stored; bound to its organization, its auth method or template, and its place in the policy. */
interface SealedSecret {
  readonly sealed: string
}

/** Answers the policy as it is stored: each of its secrets sealed. */
export async function sealPolicy(parts: Sealing, method: Owned): Promise<unknown> {
  const { rootKeys, runtime } = parts
  return mapSecrets(parts, method, async (secret, path) => {
    if (secret === SEALED) throw invalidRequest(`policy.${path} must be the secret itself`)
    if (typeof secret !== 'string') throw new TypeError(`policy.${path} is no text to be sealed`)
    const context = contextOf(method, path)
    return { sealed: await seal(rootKeys[0], toUtf8(secret), context, runtime.random) }
  })
}

/** Answers the policy as its verifier reads it, or throws `unavailable` where a root key is missing. */
export function openPolicy(parts: Needs, method: Owned): Promise<unknown> | unknown {
  if (pathsOf(parts, method).length === 0) return method.policy
  return mapSecrets(parts, method, (secret, path) => openSecret(parts, method, secret, path))
}

/** Answers the policy of an auth method and its template as one, or throws `unavailable` as `openPolicy` does. */
export async function joinTemplate(parts: Needs, method: Owned, template: Owned): Promise<unknown> {
  const [own, shared] = await Promise.all([openPolicy(parts, method), openPolicy(parts, template)])
  return { ...(own as object), ...(shared as object) }
}

/**
 * Puts the secrets that stand where a caller handed back what it had read; `invalid_request` where they would be shown to
 * somebody else than before.
 */
export function keepSecrets(parts: Needs, standing: Owned, policy: unknown): Promise<unknown> {
  const moved = parts.verifiers
    .get(standing.method)
    ?.destinations?.find((path) => !isSame(memberAt(standing.policy, path), memberAt(policy, path)))
  return mapSecrets(parts, { ...standing, policy }, async (secret, path) => {
    const kept = secret === SEALED ? memberAt(standing.policy, path) : undefined
    if (kept === undefined) return secret
    if (moved === undefined) return openSecret(parts, standing, kept, path)
    throw invalidRequest(`policy.${path} must be given again, since policy.${moved} changes`)
  })
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (one !== undefined && toCanonicalJson(one) === canonicalOrNone(other))
}

/** What a caller says is not parsed yet, and may be no JSON. */
function canonicalOrNone(value: unknown): string | undefined {
  try {
    return toCanonicalJson(value)
  } catch {
    return undefined
  }
}

/** The auth method, or the template, as people may see it. */
export function withoutSecrets<Row extends Owned>(
  parts: Pick<Parts, 'verifiers'>,
  method: Row,
): Row {
  const policy = pathsOf(parts, method).reduce<unknown>(
    (shown, path) => (memberAt(shown, path) === undefined ? shown : replaceAt(shown, path, SEALED)),
    method.policy,
  )
  return policy === method.policy ? method : { ...method, policy }
}

async function openSecret(
  { rootKeys }: Needs,
  method: Owned,
  secret: unknown,
  path: string,
): Promise<string> {
  const bytes = isSealed(secret)
    ? await open(rootKeys, secret.sealed, contextOf(method, path))
    : undefined
  const text = bytes && fromUtf8(bytes)
  if (text !== undefined) return text
  throw unavailable(new Error(`The secret policy.${path} of ${method.id} cannot be opened`))
}

async function mapSecrets(
  parts: Pick<Parts, 'verifiers'>,
  method: Owned,
  change: (secret: unknown, path: string) => Promise<unknown>,
): Promise<unknown> {
  let { policy } = method
  for (const path of pathsOf(parts, method)) {
    const secret = memberAt(policy, path)
    if (secret !== undefined) policy = replaceAt(policy, path, await change(secret, path))
  }
  return policy
}

function pathsOf(
  { verifiers }: Pick<Parts, 'verifiers'>,
  { method }: Pick<Owned, 'method'>,
): readonly string[] {
  return verifiers.get(method)?.secrets ?? []
}

function contextOf({ organization, id }: Owned, path: string): readonly string[] {
  return ['policy', organization, id, path]
}

function isSealed(value: unknown): value is SealedSecret {
  return (
    typeof value === 'object' && value !== null && typeof memberAt(value, 'sealed') === 'string'
  )
}

function memberAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, name) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
          ? Reflect.get(inner, name)
          : undefined,
      value,
    )
}

/** A copy in which one member is another; every object on the way there is known to be one. */
function replaceAt(value: unknown, path: string, member: unknown): unknown {
  const [name = '', ...rest] = path.split('.')
  const inner =
    rest.length === 0 ? member : replaceAt(memberAt(value, name), rest.join('.'), member)
  return { ...(value as object), [name]: inner }
}
