import { wordsFor } from '../rule.ts'
import type { Scope } from '../scope.ts'
import type { BoxContext } from './box.ts'
import { toBox } from './box.ts'
import type { CompiledPermissions } from './compile-rules.ts'
import type { Facet } from './facet.ts'
import { indexByWord } from './facet.ts'
import { everyRequest, findPoint, meet } from './region.ts'
import { createSearchBudget } from './search-budget.ts'
import { createSpaceNow, createSpaceOf } from './space.ts'

/** What `canSometimes` is asked: a permission, anywhere or in one scope. */
export interface SometimesQuestion {
  readonly permission: string
  readonly scope?: Scope
}

/** Tells whether any question about a permission would be answered with yes now, for menus; says yes in doubt. */
export function canSometimes(
  compiled: CompiledPermissions,
  { permission, scope }: SometimesQuestion,
  now: Date,
): boolean {
  const asked = compiled.vocabulary.permissions.get(permission)
  if (asked === undefined) return false
  const { resource, action } = asked
  const facet: Facet = {
    name: permission,
    isDeclared: true,
    words: wordsFor(resource.name, action),
    scope: resource.scope,
    attributes: resource.attributes,
  }
  const space = scope === undefined ? createSpaceNow(compiled, now) : createSpaceOf(scope, now)
  const { references } = compiled
  const rules = indexByWord(compiled)
  const about = new Set(facet.words.flatMap((word) => rules.get(word) ?? []))
  const context: BoxContext = { facet, space, references, reading: 'as decided' }
  const boxes = [...about].flatMap((source) => toBox(source, context) ?? [])
  const allows = boxes.filter(({ effect }) => effect === 'allow')
  const denies = boxes.filter(({ effect }) => effect === 'deny')
  const search = { facet, space, budget: createSearchBudget() }
  const everything = everyRequest(facet, space)
  return allows.some((allow) => findPoint(meet(everything, allow), denies, search) !== 'none')
}
