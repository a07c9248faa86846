import type { SchemaOf } from '@countersign/core/plugin'
import { compileGlob, refuseGlob } from '@countersign/core/plugin'
import type { Checklist } from '@countersign/evidence'
import { chosen, isPlainObject, objectOf, optional, plain, text } from '@countersign/evidence'

/** A name exactly, or names by a glob with the separator `.`. */
export type NamePattern = string | { readonly glob: string }

/** Service accounts that are let in: a namespace and a name that belong together. */
export interface AllowedServiceAccount {
  readonly namespace: NamePattern
  readonly name: NamePattern
  /** The uid of the account: one that was deleted and made again is another. */
  readonly uid?: string | undefined
}

/** What a cluster says of the service account behind a token. */
export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
  readonly uid?: string
  readonly pod?: { readonly name: string; readonly uid?: string }
  readonly node?: string
}

/** Whom a policy lets in. */
export interface AllowedServiceAccounts {
  /** Pairs, any of which is enough. */
  readonly serviceAccounts?: readonly AllowedServiceAccount[] | undefined
  /** Two lists on purpose: every name of one in every namespace of the other. */
  readonly namespaces?: readonly NamePattern[] | undefined
  readonly names?: readonly NamePattern[] | undefined
  /** Says that tokens must be bound to a pod. */
  readonly podBound?: true | undefined
}

/** RFC 1123 labels for namespaces, and names of several of them for accounts. */
const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'
const NAMESPACE = new RegExp(`^${LABEL}$(?!\n)`)
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$(?!\n)`)

/** Reads `system:serviceaccount:<namespace>:<name>`; nothing else is a service account. */
export function readUsername(
  username: unknown,
): Pick<ServiceAccount, 'namespace' | 'name'> | undefined {
  if (typeof username !== 'string' || username.length > 512) return undefined
  const [system, kind, namespace = '', name = '', ...more] = username.split(':')
  if (system !== 'system' || kind !== 'serviceaccount' || more.length > 0) return undefined
  return NAMESPACE.test(namespace) && NAME.test(name) ? { namespace, name } : undefined
}

/** Checks who a token is about against whom a policy lets in. */
export function checkServiceAccount(
  account: ServiceAccount,
  { serviceAccounts, namespaces = [], names, podBound }: AllowedServiceAccounts,
  list: Checklist,
): boolean {
  const { namespace, name, uid, pod } = account
  const pairs =
    serviceAccounts ??
    namespaces.flatMap((wanted) =>
      (names ?? [ANY]).map((other) => ({ namespace: wanted, name: other })),
    )
  const named = pairs.filter(
    (pair) => matches(namespace, pair.namespace) && matches(name, pair.name),
  )
  // Every pod of a namespace that asks for nothing runs as `default`: patterns do not mean it.
  const meant = name === 'default' ? named.filter((pair) => pair.name === name) : named
  const bound = meant.filter(
    (pair) => !('uid' in pair) || pair.uid === undefined || pair.uid === uid,
  )
  return (
    list.check('service_account', meant.length > 0, 'service_account_not_allowed', () => ({
      expected: plain(pairs.map((pair) => `${patternOf(pair.namespace)}/${patternOf(pair.name)}`)),
      presented: `${namespace}/${name}`,
    })) &&
    list.check('uid', bound.length > 0, 'wrong_uid', () => ({ presented: plain(uid) })) &&
    list.check('pod', podBound !== true || pod?.uid !== undefined, 'no_pod', () => ({
      expected: 'a token that is bound to a pod',
      presented: plain(pod?.name),
    }))
  )
}

/** What permission rules may refer to. */
export function attestedOf({
  namespace,
  name,
  uid,
  pod,
  node,
}: ServiceAccount): Readonly<Record<string, string>> {
  return {
    namespace,
    name,
    ...(uid !== undefined && { uid }),
    ...(pod !== undefined && { pod: pod.name }),
    ...(pod?.uid !== undefined && { podUid: pod.uid }),
    ...(node !== undefined && { node }),
  }
}

/** The schema of a name, or a glob of names. */
export const namePattern: SchemaOf<NamePattern> = chosen<NamePattern>((input) => {
  if (isPlainObject(input))
    return objectOf<{ readonly glob: string }>({ glob: text(256, refuseGlob) })
  return text(253, (name) =>
    NAME.test(name) ? undefined : 'must be a name in Kubernetes, or { glob }',
  )
})

/** The schema of a pair. */
export const allowedServiceAccount: SchemaOf<AllowedServiceAccount> =
  objectOf<AllowedServiceAccount>({
    namespace: namePattern,
    name: namePattern,
    uid: optional(text(128)),
  })

/** Says why a policy lets in too many, or nobody it names. */
export function refuseAllowed({
  serviceAccounts,
  namespaces,
  names,
}: AllowedServiceAccounts): string | undefined {
  if ((serviceAccounts === undefined) === (namespaces === undefined))
    return 'must have either serviceAccounts or namespaces'
  if (names !== undefined && namespaces === undefined) return 'must have names with namespaces only'
  const everywhere = [
    ...(serviceAccounts ?? []).map(({ namespace }) => namespace),
    ...(namespaces ?? []),
  ].some(isAny)
  return everywhere ? 'must name namespaces: whoever may make one would be let in' : undefined
}

const ANY: NamePattern = { glob: '**' }
const SEPARATORS = '.'

function matches(name: string, pattern: NamePattern): boolean {
  return typeof pattern === 'string'
    ? pattern === name
    : compileGlob(pattern.glob, SEPARATORS).matches(name)
}

function isAny(pattern: NamePattern): boolean {
  return typeof pattern !== 'string' && /^[*?]+$/.test(pattern.glob)
}

function patternOf(pattern: NamePattern): string {
  return typeof pattern === 'string' ? pattern : pattern.glob
}
