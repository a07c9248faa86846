import type { Contender, Contest, Effort, Goal } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { each } from '../harness/timed.ts'
import type { Worker } from '../harness/worker.ts'
import { startWorker } from '../harness/worker.ts'
import { createCasbin } from '../peers/casbin.ts'
import { compilingGlobs, createCasl, createMemoisedGlobs, toCaslRules } from '../peers/casl.ts'
import { createHolders } from '../workload/holders.ts'
import type { PlainRule, Question } from '../workload/permissions.ts'
import {
  assertAgreement,
  freshQuestions,
  PERMISSIONS,
  PROJECT,
  plainRules,
  QUESTIONS,
  questionsAbout,
  toRule,
} from '../workload/permissions.ts'

const CASL = 'CASL, globs memoised'
const CASL_COMPILING = 'CASL, globs compiled in each check'
const CASBIN = 'casbin, globs compiled in each check'
const CASBIN_MEMOISED = 'casbin, globs memoised'
const CEDAR = 'cedar-wasm, preparsed'
/** So many times all questions, so that a clock of whole microseconds tells enough. */
const OFTEN = 16

/** One permission check of a principal that is known, beside other engines on the same rules and questions. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const sizes = quick ? [10, 100] : [10, 30, 100, 1000]
  return [...(await Promise.all(sizes.map(contestOf))), await growth()]
}

async function contestOf(count: number): Promise<Contest> {
  const rules = plainRules(count)
  const questions = questionsAbout(count)
  const fast = freshQuestions(questions, QUESTIONS * OFTEN)
  const slow = freshQuestions(questions, QUESTIONS)
  const { identity, user } = await ours(rules)
  const casl = createCasl(createMemoisedGlobs())(toCaslRules(rules))
  const compiling = createCasl(compilingGlobs)(toCaslRules(rules))
  const casbin = await createCasbin(rules, compilingGlobs)
  const memoised = await createCasbin(rules, createMemoisedGlobs())
  const cedar = startCedar(count)
  const answers = questions.map(identity.ask)
  for (const [name, ask] of Object.entries({ user: user.ask, casl, compiling, casbin, memoised }))
    assertAgreement(name, questions, answers, questions.map(ask))
  assertAgreement(CEDAR, questions, answers, await cedar.answers())

  return {
    title: `can() with ${count} rules, ${QUESTIONS} questions`,
    unit: 'µs',
    contenders: [
      each('countersign', { ...fast, settle: identity.settle }, identity.ask),
      each("countersign, a user on the host's word", fast, user.ask),
      each(CASL, fast, casl),
      each(CASL_COMPILING, slow, compiling),
      each(CASBIN, slow, casbin),
      each(CASBIN_MEMOISED, slow, memoised),
      cedar.contender,
    ],
    goals: goalsOf(count),
  }
}

function goalsOf(count: number): readonly Goal[] {
  if (count === 1000) return [atLeast('G7b', 'countersign', CASL, 8)]
  const others = [
    atLeast('G7c', 'countersign', CEDAR, 100),
    atLeast('G7c', 'countersign', CASBIN, 100),
    atLeast('(G7c)', 'countersign', CASBIN_MEMOISED, 100),
  ]
  if (count !== 30) return others
  return [
    atLeast('G7', 'countersign', CASL, 2),
    atLeast('G7', 'countersign', CASL_COMPILING, 15),
    ...others,
  ]
}

/** The same questions about two apps, while there are more and more rules that say nothing about these. */
async function growth(): Promise<Contest> {
  const few = plainRules(10)
  const questions = questionsAbout(10)
  const fast = freshQuestions(questions, QUESTIONS * OFTEN)
  const answers = questions.map((await ours(few)).identity.ask)

  async function contender(name: string, about: PlainRule[], others: PlainRule[]) {
    const { identity } = await ours(about, others)
    assertAgreement(name, questions, answers, questions.map(identity.ask))
    return each(name, { ...fast, settle: identity.settle }, identity.ask)
  }

  const apart = plainRules(1000).slice(10)
  const contenders: readonly Contender[] = [
    await contender('countersign, 10 rules', [...few], []),
    await contender('countersign, 1000, about other paths', [...few, ...apart], []),
    await contender('countersign, 1000, about another resource', [...few], [...apart]),
  ]
  return {
    title: 'can() about two apps, with 10 rules about them and 990 about others',
    unit: 'µs',
    contenders,
    goals: [
      atMost('G7b', 'countersign, 1000, about other paths', 'countersign, 10 rules', 20),
      atMost('G7b', 'countersign, 1000, about another resource', 'countersign, 10 rules', 20),
    ],
  }
}

/** A workload that shows its token before each sample, and a user of the host, who hold the same rules. */
async function ours(rules: readonly PlainRule[], elsewhere: readonly PlainRule[] = []) {
  const held = [
    ...rules.map((rule) => toRule(rule)),
    ...elsewhere.map((rule) => toRule(rule, 'report')),
  ]
  const { authenticate, vouch } = await createHolders(held)
  let principal = await authenticate()
  const user = vouch(held)
  return {
    identity: {
      ask: ({ action, environment, path }: Question): boolean =>
        principal.can(PERMISSIONS[action], { project: PROJECT, environment, path }),
      settle: async (): Promise<void> => {
        principal = await authenticate()
      },
    },
    user: {
      ask: ({ action, environment, path }: Question): boolean =>
        user.can(PERMISSIONS[action], { project: PROJECT, environment, path }),
    },
  }
}

/** Turbofan's inlined calls into wasm have aborted Node 20 beside cedar. */
function startCedar(count: number): Worker {
  const flags = ['--no-turbo-inline-js-wasm-calls']
  return startWorker(CEDAR, 'cedar.js', [CEDAR, String(count)], flags)
}
