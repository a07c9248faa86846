import type { AttributeKind, HostResources, ResourceScope, Resources } from '../resources.ts'
import { BUILT_IN_RESOURCES } from '../resources.ts'
import { refuseResources } from './refuse-resources.ts'

/** An attribute of a resource, and its place among them. */
export interface DeclaredAttribute {
  readonly name: string
  readonly kind: AttributeKind
}

/** A resource of the host, or one of the engine's own, which are asked in every scope. */
export interface DeclaredResource {
  readonly name: string
  readonly scope: ResourceScope | 'any'
  readonly actions: readonly string[]
  readonly reads: readonly string[]
  readonly attributes: readonly DeclaredAttribute[]
}

/** One `resource:action` that can be asked for. */
export interface DeclaredPermission {
  readonly name: string
  readonly action: string
  readonly resource: DeclaredResource
  /** Its number in the vocabulary, for tables. */
  readonly index: number
}

/** Every word that rules and questions may use. */
export interface Vocabulary<R extends Resources = Resources> {
  readonly resources: ReadonlyMap<string, DeclaredResource>
  readonly permissions: ReadonlyMap<string, DeclaredPermission>
  /** What the host declared, for the types of its questions. */
  readonly declared: R
}

/** Compiles the host's declaration together with the built-in resources; a refused one is a `TypeError`. */
export function compileVocabulary<const R extends Resources>(
  declared: HostResources<R>,
): Vocabulary<R> {
  const problem = refuseResources(declared)
  if (problem !== undefined) throw new TypeError(problem)
  const resources = new Map<string, DeclaredResource>()
  for (const [name, resource] of Object.entries<Resources[string]>(declared)) {
    const { scope, actions, reads, attributes } = resource
    resources.set(name, {
      name,
      scope,
      actions: [...actions],
      reads: [...(reads ?? actions.filter((action) => READS.has(action)))],
      attributes: Object.entries(attributes ?? {}).map(([at, kind]) => ({ name: at, kind })),
    })
  }
  for (const [name, { actions }] of Object.entries(BUILT_IN_RESOURCES))
    resources.set(name, { name, scope: 'any', actions, reads: [], attributes: [] })
  return { resources, permissions: listPermissions(resources), declared }
}

/** Tells whether a permission of a resource can be asked for there. */
export function isAskedIn(scope: DeclaredResource['scope'], project: string | undefined): boolean {
  return scope === 'any' || (scope === 'project') === (project !== undefined)
}

/** Tells whether a word is one that rules may use: a permission, the wildcard of a resource, or that of all. */
export function isDeclared({ resources, permissions }: Vocabulary, word: string): boolean {
  if (word === '*' || permissions.has(word)) return true
  return word.endsWith(':*') && resources.has(word.slice(0, -2))
}

/** The separators by which globs over an attribute of that kind are read. */
export const SEPARATORS: Readonly<Record<AttributeKind, string>> = { text: '', path: '/' }

const READS: ReadonlySet<string> = new Set(['read', 'list'])

function listPermissions(
  resources: Vocabulary['resources'],
): ReadonlyMap<string, DeclaredPermission> {
  const permissions = new Map<string, DeclaredPermission>()
  for (const resource of resources.values())
    for (const action of resource.actions) {
      const name = `${resource.name}:${action}`
      permissions.set(name, { name, action, resource, index: permissions.size })
    }
  return permissions
}
