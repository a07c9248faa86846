import type { Rule } from '@countersign/core'
import { createFreshTexts } from '../harness/fresh.ts'

/** What the rules are about, in the words of a host; `report` is what nobody here asks for. */
export const RESOURCES = {
  secret: {
    scope: 'project',
    actions: ['read', 'write'],
    attributes: { environment: 'text', path: 'path' },
  },
  report: {
    scope: 'project',
    actions: ['read', 'write'],
    attributes: { environment: 'text', path: 'path' },
  },
} as const

/** A rule before any engine's own form of it: one action, a list of environments, a glob over paths. */
export interface PlainRule {
  readonly effect: 'allow' | 'deny'
  readonly action: 'read' | 'write'
  readonly environments: readonly string[]
  readonly glob: string
}

/** What every engine is asked. */
export interface Question {
  readonly action: 'read' | 'write'
  readonly environment: string
  readonly path: string
}

/** The project in which all rules are bound, and every question is asked. */
export const PROJECT = 'web'

/** So many questions, the same ones in every round. */
export const QUESTIONS = 128

/** A host writes its permissions down: none is put together for a question. */
export const PERMISSIONS = { read: 'secret:read', write: 'secret:write' } as const

/** So many rules, in groups of five: what one app's workloads may do, and what nobody may. */
export function plainRules(count: number): readonly PlainRule[] {
  return Array.from({ length: count }, (_, index) => {
    const app = Math.floor(index / SHAPES.length)
    const shape = SHAPES[index % SHAPES.length] ?? SHAPES[0]
    return {
      effect: shape.effect,
      action: actionOf(app),
      environments: [0, 1].map((next) => environmentOf(app + index + next)),
      // Some rules begin with a wildcard: no beginning tells them apart.
      glob: shape.effect === 'deny' && app % 10 === 1 ? `/*/locked-${app}/*` : shape.globOf(app),
    }
  })
}

/** The same rules in our words, about one of `RESOURCES`. */
export function toRule(
  { effect, action, environments, glob }: PlainRule,
  resource: keyof typeof RESOURCES = 'secret',
): Rule<typeof RESOURCES> {
  const where = { environment: { in: environments }, path: { glob } }
  const words = [`${resource}:${action}`] as const
  return effect === 'allow' ? { allow: words, where } : { deny: words, where }
}

/** The same questions for all engines, about apps that the rules name, with answers of both kinds. */
export function questionsAbout(count: number): readonly Question[] {
  const apps = Math.ceil(count / SHAPES.length)
  return Array.from({ length: QUESTIONS }, (_, index) => {
    const app = (index * 7) % apps
    const path = PATHS[index % PATHS.length] ?? '/'
    const action = index % 8 === 7 ? 'write' : actionOf(app)
    return { action, environment: environmentOf(app + index), path: path.replaceAll('N', `${app}`) }
  })
}

/** Asks the same questions again and again, in texts that were never seen. */
export function freshQuestions(
  questions: readonly Question[],
  count: number,
): { readonly next: () => readonly Question[] } {
  const environments = createFreshTexts(questions.map(({ environment }) => environment))
  const paths = createFreshTexts(questions.map(({ path }) => path))
  return {
    next: () => {
      const asked = paths.next(count)
      return environments.next(count).map((environment, index) => {
        const action = questions[index % questions.length]?.action ?? 'read'
        return { action, environment, path: asked[index] ?? '/' }
      })
    },
  }
}

/** Fails a run in which another engine answers anything else, or all questions alike. */
export function assertAgreement(
  name: string,
  questions: readonly Question[],
  ours: readonly boolean[],
  theirs: readonly boolean[],
): void {
  const allowed = ours.filter(Boolean).length
  if (allowed < QUESTIONS / 8 || allowed > (QUESTIONS * 7) / 8)
    throw new Error(`Of ${QUESTIONS} questions ${allowed} are allowed: that tells little`)
  const at = ours.findIndex((answer, index) => answer !== theirs[index])
  if (at !== -1)
    throw new Error(`${name} says ${theirs[at]} to ${JSON.stringify(questions[at])}, and we do not`)
}

const SHAPES = [
  { effect: 'allow', globOf: (app: number) => `/apps/app-${app}/**` },
  { effect: 'allow', globOf: (app: number) => `/teams/team-${app}/*` },
  { effect: 'allow', globOf: (app: number) => `/teams/team-${app}/*/config` },
  { effect: 'allow', globOf: (app: number) => `/apps/app-${app}/shared/**` },
  { effect: 'deny', globOf: (app: number) => `/apps/app-${app}/private/**` },
] as const

const PATHS = [
  '/apps/app-N/database/url',
  '/apps/app-N/private/key',
  '/teams/team-N/token',
  '/teams/team-N/api/config',
  '/apps/app-N',
  '/apps/app-N/shared/queue/password',
  '/apps/locked-N/token',
  '/teams/team-N/api/secret',
  '/apps/app-Nx/database/url',
]

const ENVIRONMENTS = ['prod', 'staging', 'test', 'dev']

function environmentOf(turn: number): string {
  return ENVIRONMENTS[turn % ENVIRONMENTS.length] ?? 'prod'
}

function actionOf(app: number): 'read' | 'write' {
  return app % 4 < 2 ? 'read' : 'write'
}
