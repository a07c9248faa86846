import { LRUCache } from 'lru-cache'
import type { CompileNamed } from '../model/permission/compile-bound.ts'
import type { RuleSet } from '../model/permission/rule-set.ts'
import { compileRuleSet } from '../model/permission/rule-set.ts'
import type { Vocabulary } from '../model/permission/vocabulary.ts'

/** Creates a memory of compiled rules, at most so many rules in all: whoever holds a role shares them. */
export function createCompiledRules(vocabulary: Vocabulary, rules: number): CompileNamed {
  const sets = new LRUCache<string, RuleSet>({ max: rules, maxSize: rules })
  return (name, written) => {
    const known = sets.get(name)
    if (known !== undefined) return known
    const set = compileRuleSet(vocabulary, written)
    sets.set(name, set, { size: written.length + 1 })
    return set
  }
}
