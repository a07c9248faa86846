export type { GuardOptions, MountOptions, PeopleOptions, WhoIn } from './adapter.ts'
export { askerOf, callerOf } from './adapter.ts'
export type { Answer } from './answer.ts'
export type { Caller } from './caller.ts'
export type { GuardEngine, HandlerEngine, Management } from './engine.ts'
export type { Exchange } from './exchange.ts'
export { exchangeOf, webPeer } from './exchange.ts'
export type { Guard, GuardedRequest, GuardRules, Refused, Verdict } from './guard.ts'
export { createGuard } from './guard.ts'
export type { Handler, HandlerOptions } from './handler.ts'
export { createHandler } from './handler.ts'
export type {
  IdempotencyStore,
  KeptRequest,
  MadeAnswer,
  MemoryIdempotencyOptions,
} from './idempotency.ts'
export { memoryIdempotency } from './idempotency.ts'
export type { AskUser } from './principal.ts'
export type { Asking, GuardQuestion } from './question.ts'
export type { HttpCode } from './refusal.ts'
export type { Framework, FrameworkWords, Refuse, RouteGuard } from './route-guard.ts'
export { createRouteGuard } from './route-guard.ts'
