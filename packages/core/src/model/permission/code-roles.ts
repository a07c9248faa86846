import type { ResourceScope, Resources } from '../resources.ts'
import { BUILT_IN_ROLES } from '../role-binding.ts'
import type { Rule } from '../rule.ts'
import { builtInRules, refuseRoleSlug } from './built-in-rules.ts'
import { parseRules } from './parse-rules.ts'
import type { RuleSet } from './rule-set.ts'
import { compileRuleSet } from './rule-set.ts'
import { isPlainRecord } from './untrusted.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A role that a host writes in code. */
export interface RoleDeclaration<R extends Resources = Resources> {
  /** Whether it is bound to an organization, and reaches its projects, or to single projects. */
  readonly scope: ResourceScope
  readonly rules: readonly Rule<R>[]
  readonly name?: string
  readonly description?: string
}

/** The roles that a host writes in code, by their slugs. */
export type RoleDeclarations<R extends Resources = Resources> = Readonly<
  Record<string, RoleDeclaration<R>>
>

/** A role in code as it is bound at one level: the built-in ones are there at both. */
export interface CodeRole {
  readonly slug: string
  readonly scope: ResourceScope
  readonly name: string
  readonly description: string
  readonly rules: readonly Rule[]
  readonly set: RuleSet
}

/** The roles that need no record. */
export interface CodeRoles {
  find(slug: string, scope: ResourceScope): CodeRole | undefined
  list(scope: ResourceScope): readonly CodeRole[]
}

/** Compiles the built-in roles and the host's own; a sentence that names the field where one is refused. */
export function compileCodeRoles(vocabulary: Vocabulary, declared: unknown): CodeRoles | string {
  const own = readDeclarations(vocabulary, declared)
  if (typeof own === 'string') return own
  const all = [...builtIn(vocabulary, 'organization'), ...builtIn(vocabulary, 'project'), ...own]
  const byPlace = new Map(all.map((role) => [placeOf(role.slug, role.scope), role]))
  return {
    find: (slug, scope) => byPlace.get(placeOf(slug, scope)),
    list: (scope) => all.filter((role) => role.scope === scope),
  }
}

function placeOf(slug: string, scope: ResourceScope): string {
  return `${scope} ${slug}`
}

function builtIn(vocabulary: Vocabulary, scope: ResourceScope): readonly CodeRole[] {
  const rules = builtInRules(vocabulary, scope)
  return BUILT_IN_ROLES.map((slug) =>
    toCodeRole(vocabulary, slug, { scope, name: slug, rules: rules[slug] }),
  )
}

function readDeclarations(vocabulary: Vocabulary, declared: unknown): readonly CodeRole[] | string {
  if (declared === undefined) return []
  if (!isPlainRecord(declared)) return 'roles must be an object'
  const roles: CodeRole[] = []
  for (const [slug, role] of Object.entries(declared)) {
    const problem = refuseRoleSlug(slug)
    if (problem !== undefined) return `roles.${problem}`
    const read = readDeclaration(vocabulary, slug, role)
    if (typeof read === 'string') return `roles.${slug}.${read}`
    roles.push(read)
  }
  return roles
}

const MEMBERS: ReadonlySet<string> = new Set(['scope', 'rules', 'name', 'description'])

function readDeclaration(vocabulary: Vocabulary, slug: string, role: unknown): CodeRole | string {
  if (!isPlainRecord(role)) return 'scope must be given'
  const stranger = Object.keys(role).find((member) => !MEMBERS.has(member))
  if (stranger !== undefined)
    return `scope must stand beside ${[...MEMBERS].slice(1).join(', ')} only`
  const { scope, rules, name = slug, description = '' } = role
  if (scope !== 'organization' && scope !== 'project')
    return "scope must be 'organization' or 'project'"
  if (typeof name !== 'string' || typeof description !== 'string') return 'name must be a text'
  const parsed = parseRules(vocabulary, rules, scope)
  if (typeof parsed === 'string') return parsed
  return toCodeRole(vocabulary, slug, { scope, name, description, rules: parsed })
}

function toCodeRole(
  vocabulary: Vocabulary,
  slug: string,
  { scope, name = slug, description = '', rules }: RoleDeclaration,
): CodeRole {
  return { slug, scope, name, description, rules, set: compileRuleSet(vocabulary, rules) }
}
