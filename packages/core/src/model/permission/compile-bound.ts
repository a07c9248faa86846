import type { BoundRole, Holding, Role } from '../role.ts'
import { isRoleId } from '../role.ts'
import type { RoleBinding } from '../role-binding.ts'
import type { Rule } from '../rule.ts'
import type { CodeRoles } from './code-roles.ts'
import type { BoundRules, CompiledPermissions } from './compile-rules.ts'
import { compileRules } from './compile-rules.ts'
import { referencesOfIdentity, referencesOfUser } from './references.ts'
import type { RuleSet } from './rule-set.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Compiles rules that are known by a name: rules of one name never change. */
export type CompileNamed = (name: string, rules: readonly Rule[]) => RuleSet

/** Finds the rules behind bindings, and compiles what is not compiled yet. */
export type CompileBound = (bound: readonly BoundRole[]) => readonly BoundRules[]

/** Creates what turns bindings into rules. A binding whose role is gone holds nothing. */
export function createCompileBound(codeRoles: CodeRoles, compileNamed: CompileNamed): CompileBound {
  function setOf(binding: RoleBinding, stored: Role | undefined): RuleSet | undefined {
    const { id, role, rules, project } = binding
    // Rules of a subject's own have no revision, and may change under their id.
    if (rules !== undefined) return compileNamed(`${id} ${JSON.stringify(rules)}`, rules)
    if (role === undefined) return undefined
    if (isRoleId(role))
      return stored && compileNamed(`${stored.id} ${stored.revision}`, stored.rules)
    return codeRoles.find(role, project === undefined ? 'organization' : 'project')?.set
  }

  return (bound) =>
    bound.flatMap(({ binding, role }) => {
      const rules = setOf(binding, role)
      if (rules === undefined) return []
      const { id, organization, project, from, until } = binding
      const slug = role?.slug ?? binding.role
      return [
        {
          binding: id,
          scope: { organization, ...(project !== undefined && { project }) },
          rules,
          ...(slug !== undefined && { role: slug }),
          ...(from !== undefined && { from }),
          ...(until !== undefined && { until }),
        },
      ]
    })
}

/** Compiles what a subject holds. An identity that is gone or disabled holds nothing. */
export function compileHolding(
  vocabulary: Vocabulary,
  compileBound: CompileBound,
  { subject, identity, bound }: Holding,
): CompiledPermissions {
  if (subject.kind === 'user')
    return compileRules(vocabulary, compileBound(bound), referencesOfUser(subject.id))
  if (identity === undefined || identity.disabled) return compileRules(vocabulary, [])
  return compileRules(vocabulary, compileBound(bound), referencesOfIdentity(identity))
}
