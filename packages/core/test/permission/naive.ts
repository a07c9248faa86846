import type { Match, Operand, Rule } from '../../src/model/rule.ts'
import type { Scope } from '../../src/model/scope.ts'
import { naiveGlob } from './naive-glob.ts'

/** Bound rules as data, before anything is compiled. */
export interface Bound {
  readonly scope: Scope
  readonly from?: number
  readonly until?: number
  readonly rules: readonly Rule[]
}

/** What one principal holds, and what its references stand for. */
export interface Holder {
  readonly bound: readonly Bound[]
  readonly references: Readonly<Record<string, string>>
}

/** A question at an instant, in milliseconds. */
export interface Asked {
  readonly permission: string
  readonly scope: Scope
  readonly attributes: Readonly<Record<string, string | undefined>>
  readonly at: number
}

/** The mistakes that the oracle must notice. */
export type Sabotage =
  | 'skips denies with absent attributes'
  | 'lets order decide'
  | 'compares globs as strings'
  | 'treats unknown in deny as false'
  | 'window end inclusive'
  | 'ignores the organization'

export const sabotages: readonly Sabotage[] = [
  'skips denies with absent attributes',
  'lets order decide',
  'compares globs as strings',
  'treats unknown in deny as false',
  'window end inclusive',
  'ignores the organization',
]

export const resources = {
  secret: {
    scope: 'project',
    actions: ['read', 'write'],
    attributes: { environment: 'text', path: 'path' },
  },
  invoice: { scope: 'organization', actions: ['read', 'approve'] },
} as const

/** Decides by the letter of the rules, one after the other, over the data as it was written. */
export function naiveCan(holder: Holder, asked: Asked, sabotage?: Sabotage): boolean {
  const [resource = ''] = asked.permission.split(':')
  const isOfProject = resource === 'secret'
  const isOfOrganization = resource === 'invoice'
  if (isOfProject && asked.scope.project === undefined) return false
  if (isOfOrganization && asked.scope.project !== undefined) return false
  const rules = holder.bound
    .filter((bound) => reaches(bound, asked, sabotage))
    .flatMap((bound) => bound.rules)
    .filter((rule) => speaksOf(rule, asked.permission, resource))
  const effects = rules.flatMap((rule) => effectOf(rule, holder, asked, sabotage) ?? [])
  if (sabotage === 'lets order decide') return effects.at(-1) === 'allow'
  return effects.includes('allow') && !effects.includes('deny')
}

function reaches({ scope, from, until }: Bound, asked: Asked, sabotage?: Sabotage): boolean {
  if (scope.organization !== asked.scope.organization && sabotage !== 'ignores the organization')
    return false
  if (scope.project !== undefined && scope.project !== asked.scope.project) return false
  if (from !== undefined && asked.at < from) return false
  if (until === undefined) return true
  return sabotage === 'window end inclusive' ? asked.at <= until : asked.at < until
}

function speaksOf({ allow, deny }: Rule, permission: string, resource: string): boolean {
  const words: readonly string[] = allow ?? deny ?? []
  return words.includes(permission) || words.includes(`${resource}:*`) || words.includes('*')
}

function effectOf(rule: Rule, holder: Holder, asked: Asked, sabotage?: Sabotage) {
  const conditions = Object.entries<Match | undefined>(rule.where ?? {})
  const truths = conditions.map(([name, match]) =>
    truthOf(match, asked.attributes[name], {
      holder,
      separators: name === 'path' ? '/' : '',
      ...(sabotage && { sabotage }),
    }),
  )
  if (rule.allow) return truths.every((truth) => truth === true) ? 'allow' : undefined
  if (sabotage === 'treats unknown in deny as false' && truths.includes(undefined)) return undefined
  const isAbsent = conditions.some(([name]) => asked.attributes[name] === undefined)
  if (sabotage === 'skips denies with absent attributes' && isAbsent) return undefined
  return truths.includes(false) ? undefined : 'deny'
}

interface Context {
  readonly holder: Holder
  readonly separators: string
  readonly sabotage?: Sabotage
}

function truthOf(
  match: Match | undefined,
  value: string | undefined,
  { holder, separators, sabotage }: Context,
): boolean | undefined {
  if (value === undefined) return undefined
  if (typeof match === 'string') return match === value
  const { in: among, not, glob, ref } = match ?? {}
  const oneOf = (operands: readonly Operand[]): boolean | undefined => {
    const resolved = operands.map((operand) =>
      typeof operand === 'string' ? operand : holder.references[operand.ref],
    )
    if (resolved.includes(value)) return true
    return resolved.includes(undefined) ? undefined : false
  }
  const negated = not === undefined ? undefined : oneOf([not].flat())
  const truths = [
    ...(among ? [oneOf(among)] : []),
    ...(not === undefined ? [] : [negated === undefined ? undefined : !negated]),
    ...(glob === undefined
      ? []
      : [
          sabotage === 'compares globs as strings'
            ? glob === value
            : naiveGlob(glob, value, separators),
        ]),
    ...(ref === undefined ? [] : [oneOf([{ ref }])]),
  ]
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}
