// How stored rules become permissions is core's own business, and no path of the package leads here: this is its source,
// compiled.
import { compileRules } from '../../../packages/core/src/model/permission/compile-rules.ts'
import { decide } from '../../../packages/core/src/model/permission/decide.ts'
import { compileRuleSet } from '../../../packages/core/src/model/permission/rule-set.ts'
import { compileVocabulary } from '../../../packages/core/src/model/permission/vocabulary.ts'
import { measuredByChild } from '../harness/child.ts'
import type { Contest, Effort } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { each } from '../harness/timed.ts'
import type { MatchGlob } from '../peers/casl.ts'
import { createCasl, createMemoisedGlobs, toCaslRules } from '../peers/casl.ts'
import { createHolders } from '../workload/holders.ts'
import type { Question } from '../workload/permissions.ts'
import {
  assertAgreement,
  freshQuestions,
  PERMISSIONS,
  PROJECT,
  plainRules,
  QUESTIONS,
  questionsAbout,
  RESOURCES,
  toRule,
} from '../workload/permissions.ts'

const CASL = 'CASL, with its globs'
const CASL_KNOWN = 'CASL, all globs known before'

/** Stored rules until their first answer, and how often a request needs that. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const sizes = quick ? [30] : [30, 100, 1000]
  return [...(await Promise.all(sizes.map(building))), perRequest(quick ? 20 : 1000)]
}

async function building(count: number): Promise<Contest> {
  const rules = plainRules(count)
  const ours = JSON.stringify(rules.map((rule) => toRule(rule)))
  const theirs = JSON.stringify(toCaslRules(rules))
  const questions = questionsAbout(count)
  const inputs = freshQuestions(questions, QUESTIONS)
  const globs = createMemoisedGlobs()
  const stored = fromStored(ours)
  const answers = questions.map(stored)
  const contenders = {
    countersign: stored,
    "countersign, on the host's word": await fromHost(ours),
    [CASL]: fromCasl(theirs, createMemoisedGlobs),
    [CASL_KNOWN]: fromCasl(theirs, () => globs),
  }
  for (const [name, ask] of Object.entries(contenders))
    assertAgreement(name, questions, answers, questions.map(ask))
  return {
    title: `${count} rules from JSON to the first answer`,
    unit: 'µs',
    contenders: Object.entries(contenders).map(([name, ask]) => each(name, inputs, ask)),
    goals: [atMost('G7d', 'countersign', CASL, 1), atMost('(G7d)', 'countersign', CASL_KNOWN, 1)],
  }
}

type Ask = (question: Question) => boolean

/** As a node reads a role: what is stored was checked when it was saved. */
function fromStored(json: string): Ask {
  const vocabulary = compileVocabulary(RESOURCES)
  const scope = { organization: 'acme', project: PROJECT }
  return ({ action, environment, path }) => {
    const rules = compileRuleSet(vocabulary, JSON.parse(json))
    const compiled = compileRules(vocabulary, [{ binding: 'bnd_1', scope, rules }])
    const attributes = { environment, path }
    return decide(compiled, { permission: PERMISSIONS[action], scope, attributes }, new Date())
      .allowed
  }
}

/** As a host says it in a request, where every word is checked. */
async function fromHost(json: string): Promise<Ask> {
  const { vouch } = await createHolders([])
  return ({ action, environment, path }) =>
    vouch(JSON.parse(json)).can(PERMISSIONS[action], { project: PROJECT, environment, path })
}

function fromCasl(json: string, createGlobs: () => MatchGlob): Ask {
  let globs = createGlobs()
  const build = createCasl((text, glob) => globs(text, glob))
  return (question) => {
    globs = createGlobs()
    return build(JSON.parse(json))(question)
  }
}

/** Calls of the functions that compile, as V8 counts them. */
function perRequest(requests: number): Contest {
  const counting = (name: string, from: string, count: number) =>
    measuredByChild(name, 'compilations.js', [from, String(count)])
  const first = 'the first request'
  const warm = `${requests} more, what is held asked each time`
  return {
    title: 'Compilations of authenticate() and can() with 30 rules',
    unit: 'calls',
    mostRounds: 3,
    contenders: [counting(first, 'cold', 1), counting(warm, 'warm', requests)],
    goals: [atMost('G7d', warm, first, 0)],
  }
}
