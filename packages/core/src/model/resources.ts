/** How an attribute is written and compared: any text, or a canonical path. */
export type AttributeKind = 'text' | 'path'

/** Where a resource of the host lives: in the organization, or in a project of it. */
export type ResourceScope = 'organization' | 'project'

/** One resource of the host's vocabulary. */
export interface ResourceDeclaration {
  readonly scope: ResourceScope
  readonly actions: readonly string[]
  /** What a viewer may do; `read` and `list`, where there are such actions, by default. */
  readonly reads?: readonly string[]
  readonly attributes?: Readonly<Record<string, AttributeKind>>
}

/** The host's vocabulary: its resources by name. */
export type Resources = Readonly<Record<string, ResourceDeclaration>>

/** What the engine itself manages: in every vocabulary, asked in an organization or in one of its projects. */
export const BUILT_IN_RESOURCES = {
  identity: { actions: ['create', 'read', 'update', 'delete', 'unlock', 'assign'] },
  credential: { actions: ['create', 'read', 'delete'] },
  'auth-method': { actions: ['attach', 'read', 'update', 'detach'] },
  'auth-template': { actions: ['create', 'read', 'update', 'delete', 'attach'] },
  role: { actions: ['create', 'read', 'update', 'delete'] },
  binding: { actions: ['create', 'read', 'delete'] },
  project: { actions: ['create', 'read', 'update', 'delete'] },
  event: { actions: ['read'] },
} as const

/** The name of a resource that no host may declare. */
export type BuiltInResource = keyof typeof BUILT_IN_RESOURCES

/** What a host may declare: a reserved name is a compile error. */
export type HostResources<R extends Resources> = R & { readonly [Name in BuiltInResource]?: never }

/** A permission that can be asked for: `resource:action`. */
export type ConcretePermission<R extends Resources = Resources> =
  | { [N in keyof R & string]: `${N}:${R[N]['actions'][number]}` }[keyof R & string]
  | BuiltInPermission

/** A permission as a rule may name it: `resource:action`, `resource:*` or `*`. */
export type Permission<R extends Resources = Resources> =
  | '*'
  | `${(keyof R & string) | BuiltInResource}:*`
  | ConcretePermission<R>

/** The name of any attribute of a vocabulary. */
export type AttributeName<R extends Resources = Resources> = {
  [N in keyof R]: R[N] extends { readonly attributes: infer Attributes }
    ? keyof Attributes & string
    : never
}[keyof R]

/** The attributes that a question about a permission must carry: every one that its resource declares. */
export type AttributesOf<R extends Resources, P extends string> = P extends `${infer N}:${string}`
  ? N extends keyof R
    ? R[N] extends { readonly attributes: infer Attributes }
      ? { readonly [Name in keyof Attributes]: string }
      : NoAttributes
    : NoAttributes
  : NoAttributes

/** What a typed `can()` is asked with: the attributes, and the project where the resource lives in one. */
export type Question<R extends Resources, P extends string> = AttributesOf<R, P> &
  (P extends `${infer N}:${string}`
    ? N extends keyof R
      ? ScopeOfQuestion[R[N]['scope']]
      : { readonly project?: string }
    : never)

type BuiltInPermission = {
  [N in BuiltInResource]: `${N}:${(typeof BUILT_IN_RESOURCES)[N]['actions'][number]}`
}[BuiltInResource]

type NoAttributes = Readonly<Record<never, string>>

interface ScopeOfQuestion {
  readonly organization: { readonly project?: never }
  readonly project: { readonly project: string }
}

/** Where something of a scope is bound: to the organization, or to a project. */
export function levelOf({ project }: { readonly project?: string | undefined }): ResourceScope {
  return project === undefined ? 'organization' : 'project'
}
