import type { Principal, Question, Resources } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Refusal } from './refusal.ts'

/**
 * What a guard asks about one request: the attributes of the resource and its project, and the organization where the
 * request names one. Another organization than the principal's answers 404.
 */
export type GuardQuestion<R extends Resources, P extends string> = Flat<
  Question<R, P> & { readonly organization?: string }
>

/** A guard's last argument: optional where a question says nothing beside its permission. */
export type Asking<R extends Resources, P extends string, Request> =
  // biome-ignore lint/complexity/noBannedTypes: the empty object is what an empty question is compared with.
  {} extends Question<R, P>
    ? [question?: Reader<R, P, Request>['read']]
    : [question: Reader<R, P, Request>['read']]

/** Reads a question from a request. A method: a host may know more of its requests than its framework's type says. */
interface Reader<R extends Resources, P extends string, Request> {
  read(request: Request): GuardQuestion<R, P>
}

/** One object type, so that a question of other words has nothing in common with it. */
type Flat<T> = { readonly [Name in keyof T]: T[Name] }

/** The part of a principal that decides, whatever its vocabulary. */
interface Authorizing extends Pick<Principal, 'organization'> {
  authorize(permission: string, question?: object): void
}

/** What lies in another organization is, for this principal, nowhere. */
const FOREIGN: Refusal = Object.freeze({
  code: 'not_found',
  message: 'There is no such organization',
})

/**
 * Refuses what a principal may not do.
 *
 * A question that is no plain answer is a mistake of the host: a promise would be asked as if it said nothing.
 */
export function refuseQuestion(
  principal: Authorizing,
  permission: string,
  question: object | undefined,
): Refusal | undefined {
  if (question !== undefined && !isQuestion(question))
    throw new TypeError('The question of a guard must be answered at once, with an object')
  if (question?.organization !== undefined && question.organization !== principal.organization)
    return FOREIGN
  try {
    principal.authorize(permission, question)
    return undefined
  } catch (error) {
    if (isCountersignError(error)) return error
    throw error
  }
}

function isQuestion(question: unknown): question is { readonly organization?: unknown } {
  return typeof question === 'object' && question !== null && !('then' in question)
}
