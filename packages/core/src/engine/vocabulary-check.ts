import { ENGINE } from '../model/actor.ts'
import { findUnknownWords } from '../model/permission/find-unknown-words.ts'
import { compileRuleSet } from '../model/permission/rule-set.ts'
import type { Rule } from '../model/rule.ts'
import { pagesOf } from './pages.ts'
import type { Parts } from './parts.ts'

/** A stored rule that says what the vocabulary has not: it allows nothing, and denies what it can. */
export interface UnknownRule {
  readonly organization: string
  /** The role, or the binding whose own rule it is. */
  readonly in: { readonly role: string } | { readonly roleBinding: string }
  /** Its place among the rules there. */
  readonly rule: number
  readonly effect: 'allow' | 'deny'
  readonly words: readonly string[]
}

/** Lists stored rules that the vocabulary does not understand, those of all organizations. */
export async function checkVocabulary({
  storage,
  vocabulary,
}: Pick<Parts, 'storage' | 'vocabulary'>): Promise<readonly UnknownRule[]> {
  const unknown: UnknownRule[] = []
  const look = (rules: readonly Rule[], where: Pick<UnknownRule, 'organization' | 'in'>): void => {
    for (const found of findUnknownWords(compileRuleSet(vocabulary, rules)))
      unknown.push({ ...where, ...found })
  }
  for await (const { id, organization, rules } of pagesOf(storage.roles, {}))
    look(rules, { organization, in: { role: id } })
  for await (const { id, organization, rules = [] } of pagesOf(storage.roleBindings, DIRECT))
    look(rules, { organization, in: { roleBinding: id } })
  return unknown
}

/** Tells the trail, in one event, that stored rules are not understood. */
export async function reportVocabulary(
  parts: Pick<Parts, 'storage' | 'vocabulary' | 'stamp'>,
): Promise<void> {
  const unknown = await checkVocabulary(parts)
  if (unknown.length === 0) return
  const words = [...new Set(unknown.flatMap((rule) => rule.words))].sort()
  const event = parts.stamp({
    type: 'vocabulary.outgrown',
    actor: ENGINE,
    target: { kind: 'vocabulary', id: 'host' },
    details: { rules: unknown.length, words: words.join(' ').slice(0, MOST_CHARACTERS) },
  })
  await parts.storage.outbox.append([event])
}

const DIRECT = { direct: true } as const

const MOST_CHARACTERS = 1024
