import type { Principal } from '@countersign/core'
import type { IdempotencyStore, KeptRequest, MadeAnswer } from '@countersign/core/plugin'
import { digestText } from './ambient.ts'
import { NO_STORE } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { Outcome, Refusal } from './refusal.ts'
import { badRequest } from './refusal.ts'
import type { Call, Repeats, Reply, Route } from './routes/route.ts'

/** How long a creating request is remembered, in milliseconds: a day. */
const DAY = 24 * 60 * 60 * 1000

/** How long it counts as under way: a node that died meanwhile must not keep its key from everybody for a day. */
const UNDER_WAY = 60 * 1000

/** What repetitions are told apart with. */
export interface RepeatParts {
  readonly idempotency: IdempotencyStore
  readonly now: () => Date
}

/** One creating request: its route, what it says as text, and how it is performed. */
export interface Creating {
  readonly route: Route
  readonly call: Call
  readonly text: string
}

const KEY = /^[\x21-\x7e]{1,255}$/

/** Performs a request, or, where it is the repetition of one, answers what became of that. */
export async function performOnce(
  { header }: Exchange,
  { route, call, text }: Creating,
  { idempotency, now }: RepeatParts,
): Promise<Outcome<Reply>> {
  const key = header('idempotency-key')
  const { repeats } = route
  const { principal } = call
  if (key === undefined || repeats === undefined || principal === undefined) return route.run(call)
  if (!KEY.test(key)) return badRequest('Idempotency-Key must be 1 to 255 visible characters')
  const name = await digestText(JSON.stringify([...partyOf(principal), route.id, call.params, key]))
  const fingerprint = await digestText(text)
  const began = now()
  const until = later(began, UNDER_WAY)
  const standing = await idempotency.begin(name, { fingerprint, until }, began)
  if (standing !== undefined) return answerAgain(standing, fingerprint)
  const outcome = await route.run(call).catch(async (error: unknown) => {
    await idempotency.forget(name, fingerprint)
    throw error
  })
  if ('refusal' in outcome) await idempotency.forget(name, fingerprint)
  else {
    const made = toMade(outcome.value.body, repeats)
    await idempotency.finish(name, { fingerprint, until: later(began, DAY), made })
  }
  return outcome
}

function partyOf(principal: Principal): readonly string[] {
  const id = principal.kind === 'identity' ? principal.identity : principal.user
  return [principal.organization, principal.kind, id]
}

/** A secret is shown once: of the request that minted it, its id is kept alone. */
function toMade(body: object, repeats: Repeats): MadeAnswer {
  return repeats === 'answered' ? { answer: JSON.stringify(body) } : { id: repeats(body) }
}

function answerAgain(standing: KeptRequest, fingerprint: string): Outcome<Reply> {
  const { made } = standing
  if (standing.fingerprint !== fingerprint)
    return refuse('The Idempotency-Key was used for another request')
  if (made === undefined) return refuse('The request with this Idempotency-Key is under way')
  if ('id' in made)
    return refuse('The Idempotency-Key was used, and a secret is shown once', { id: made.id })
  const headers = { ...NO_STORE, 'idempotency-replayed': 'true' }
  return { value: { body: JSON.parse(made.answer) as object, headers } }
}

function later(instant: Date, milliseconds: number): Date {
  return new Date(instant.getTime() + milliseconds)
}

function refuse(message: string, details?: Refusal['details']): { readonly refusal: Refusal } {
  return { refusal: { code: 'conflict', message, ...(details && { details }) } }
}
