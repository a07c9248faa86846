import { wordsFor } from '../rule.ts'
import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import { allHeld } from './compile-rules.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { isEffective, resourceOf } from './compiled-rule.ts'
import type { DeclaredAttribute, DeclaredResource, Vocabulary } from './vocabulary.ts'

/**
 * One thing that permissions can be about: a permission of the vocabulary, or one that it does not have (yet). Wildcards
 * include actions that are added later, so whoever holds one holds more than every permission of today.
 */
export interface Facet {
  /** How it is called: a permission, or the wildcard that includes what is to come. */
  readonly name: string
  /** Whether it can be asked for today. */
  readonly isDeclared: boolean
  /** The words of rules that are about it. */
  readonly words: readonly string[]
  readonly scope: DeclaredResource['scope']
  readonly attributes: readonly DeclaredAttribute[]
}

/** A rule as somebody holds it. */
export interface HeldRule {
  readonly held: HeldRules
  readonly rule: CompiledRule
}

/** Everything that `theirs` might allow, told apart as finely as the words of both sides can tell it. */
export function listFacets(
  vocabulary: Vocabulary,
  mine: CompiledPermissions,
  theirs: CompiledPermissions,
): readonly Facet[] {
  const granted = new Set(wordsOf(theirs, 'allow'))
  const unknown = [...wordsOf(mine, 'deny'), ...wordsOf(theirs, 'deny')].filter(
    (word) => word.includes(':') && !word.endsWith(':*') && !vocabulary.permissions.has(word),
  )
  const resources = [...vocabulary.resources.values()]
  const declared = [...vocabulary.permissions.values()].map(({ name, resource }) =>
    toFacet(resource, name, true),
  )
  const lost = [...new Set(unknown)].map((word) =>
    toFacet(vocabulary.resources.get(resourceOf(word)) ?? toStranger(word), word, false),
  )
  const toCome = resources.map((resource) => toFacet(resource, `${resource.name}:*`, false))
  const strangers = [...wordsOf(mine, 'deny'), ...wordsOf(theirs, 'deny')]
    .filter((word) => word.endsWith(':*') && !vocabulary.resources.has(resourceOf(word)))
    .map((word) => toFacet(toStranger(word), word, false))
  const rest: Facet = { ...toFacet(toStranger(''), '*', false), words: ['*'] }
  return [...declared, ...lost, ...toCome, ...strangers, rest].filter(({ words }) =>
    words.some((word) => granted.has(word)),
  )
}

/** Which rules are about a word; an allow with unknown words is about nothing. */
export function indexByWord(
  compiled: CompiledPermissions,
): ReadonlyMap<string, readonly HeldRule[]> {
  const byWord = new Map<string, HeldRule[]>()
  for (const held of allHeld(compiled))
    for (const rule of held.rules.rules.filter(isEffective)) {
      const heldRule = { held, rule }
      for (const word of rule.words) {
        const sharing = byWord.get(word)
        if (sharing) sharing.push(heldRule)
        else byWord.set(word, [heldRule])
      }
    }
  return byWord
}

function wordsOf(compiled: CompiledPermissions, effect: CompiledRule['effect']): readonly string[] {
  return allHeld(compiled).flatMap(({ rules }) =>
    rules.rules
      .filter((rule) => rule.effect === effect && isEffective(rule))
      .flatMap(({ words }) => words),
  )
}

function toFacet(resource: DeclaredResource, name: string, isDeclared: boolean): Facet {
  const action = name.slice(name.indexOf(':') + 1)
  const { scope, attributes } = resource
  return {
    name,
    isDeclared,
    words: [...new Set(wordsFor(resource.name, action))],
    scope,
    attributes,
  }
}

/** A resource that only a rule knows. */
function toStranger(word: string): DeclaredResource {
  return { name: resourceOf(word), scope: 'any', actions: [], reads: [], attributes: [] }
}
