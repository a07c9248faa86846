import { ENGINE } from '../model/actor.ts'
import { findUnknownWords } from '../model/permission/find-unknown-words.ts'
import { compileRuleSet } from '../model/permission/rule-set.ts'
import type { Rule } from '../model/rule.ts'
import { pagesOf } from './pages.ts'
import type { Parts } from './parts.ts'

/** Something stored that the host's code has no words for any more. */
export type UnknownWord = UnknownRule | UnknownCodeRole

/** A binding of a role that the code has no more: it holds nothing, not even what the role denied. */
export interface UnknownCodeRole {
  readonly organization: string
  readonly in: { readonly roleBinding: string }
  readonly role: string
}

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

/** Lists stored rules and bindings that the code does not understand, those of all organizations. */
export async function checkVocabulary(
  parts: Pick<Parts, 'storage' | 'vocabulary' | 'codeRoles'>,
): Promise<readonly UnknownWord[]> {
  const { storage, vocabulary } = parts
  const unknown: UnknownWord[] = []
  const look = (rules: readonly Rule[], where: Pick<UnknownRule, 'organization' | 'in'>): void => {
    for (const found of findUnknownWords(compileRuleSet(vocabulary, rules)))
      unknown.push({ ...where, ...found })
  }
  for await (const { id, organization, rules } of pagesOf(storage.roles, {}))
    look(rules, { organization, in: { role: id } })
  for await (const { id, organization, rules = [] } of pagesOf(storage.roleBindings, DIRECT))
    look(rules, { organization, in: { roleBinding: id } })
  for await (const role of findLostRoles(parts)) unknown.push(role)
  return unknown
}

async function* findLostRoles({
  storage,
  codeRoles,
}: Pick<Parts, 'storage' | 'codeRoles'>): AsyncIterable<UnknownCodeRole> {
  for (const level of ['organization', 'project'] as const) {
    const inCodeBeside = codeRoles.list(level).map(({ slug }) => slug)
    for await (const binding of pagesOf(storage.roleBindings, { level, inCodeBeside }))
      if (binding.role !== undefined)
        yield {
          organization: binding.organization,
          in: { roleBinding: binding.id },
          role: binding.role,
        }
  }
}

/** Tells the trail, in one event, what is stored and not understood. */
export async function reportVocabulary(
  parts: Pick<Parts, 'storage' | 'vocabulary' | 'codeRoles' | 'stamp'>,
): Promise<void> {
  const unknown = await checkVocabulary(parts)
  if (unknown.length === 0) return
  const words = [...new Set(unknown.flatMap(wordsOf))].sort()
  const event = parts.stamp({
    type: 'vocabulary.outgrown',
    actor: ENGINE,
    target: { kind: 'vocabulary', id: 'host' },
    details: { found: unknown.length, words: words.join(' ').slice(0, MOST_CHARACTERS) },
  })
  await parts.storage.outbox.append([event])
}

function wordsOf(unknown: UnknownWord): readonly string[] {
  return 'words' in unknown ? unknown.words : [unknown.role]
}

const DIRECT = { direct: true } as const

const MOST_CHARACTERS = 1024
