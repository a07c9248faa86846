import type { ErrorCode } from '../errors.ts'
import { isCountersignError } from '../errors.ts'
import { isRejection } from '../model/rejection.ts'
import type { Meter, Tracer } from '../ports/meter.ts'
import type { Storage } from '../ports/storage.ts'
import type { Verifier } from '../ports/verifier.ts'
import type { Instruments, Outcome } from './instruments.ts'
import { createInstruments } from './instruments.ts'
import { observeStorage } from './observed-storage.ts'
import { reasonLabel } from './reasons.ts'

/** Who collects figures, by whose clock they are timed, and what the node knows of itself. */
export interface TelemetryParts {
  readonly meter: Meter | undefined
  readonly clock: () => Date
  readonly cacheBytes: () => number
}

/** What stands around the parts of an engine where somebody measures. */
export interface Telemetry {
  readonly storage: Storage
  readonly verifiers: readonly Verifier[]
  readonly instruments?: Instruments
}

/** Puts instruments around a storage and verifiers; without a meter they stay as they are. */
export function measure(
  storage: Storage,
  verifiers: readonly Verifier[],
  { meter, clock, cacheBytes }: TelemetryParts,
): Telemetry {
  if (meter === undefined) return { storage, verifiers }
  // The gauges look at the storage that the instruments time.
  const late: { instruments?: Instruments } = {}
  const observed = observeStorage(storage, clock, (verb, outcome, seconds) => {
    late.instruments?.storage(verb, outcome, seconds)
    if (verb === 'tokens.spend' && outcome === 'failed') late.instruments?.spend('unavailable')
  })
  const instruments = createInstruments(meter, { ...observed.gauges, cacheBytes })
  late.instruments = instruments
  return {
    instruments,
    storage: { ...observed.storage, tokens: countSpends(observed.storage.tokens, instruments) },
    verifiers: verifiers.map((verifier) => timeVerifier(verifier, clock, instruments)),
  }
}

/** How a request or a login ended, as figures tell it. */
export function outcomeOf(end: 'granted' | { readonly code: ErrorCode }): Outcome {
  if (end === 'granted') return 'granted'
  return end.code === 'unavailable' ? 'unavailable' : 'refused'
}

type Run<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>

/** Times a login. What a caller sent is a label only where it names a method of this engine. */
export function timeLogin<Args extends readonly [request: unknown, ...unknown[]], Result>(
  login: Run<Args, Result>,
  instruments: Instruments,
  isMethod: (name: unknown) => boolean,
  clock: () => Date,
): Run<Args, Result> {
  return async (...args) => {
    const began = clock().getTime()
    const tell = (
      end: 'granted' | { readonly code: ErrorCode; readonly reason?: string },
    ): void => {
      const method = methodOf(args[0], isMethod)
      const reason = reasonLabel(end === 'granted' ? undefined : (end.reason ?? end.code))
      instruments.login(outcomeOf(end), (clock().getTime() - began) / 1000, { method, reason })
    }
    try {
      const grant = await login(...args)
      tell('granted')
      return grant
    } catch (error) {
      if (isCountersignError(error)) tell(error as { code: ErrorCode; reason?: string })
      throw error
    }
  }
}

/** Opens a span around something that is done; what it was done with stays outside. */
export function trace<Args extends readonly unknown[], Result>(
  name: string,
  run: Run<Args, Result>,
  tracer: Tracer | undefined,
): Run<Args, Result> {
  if (tracer === undefined) return run
  return (...args) =>
    tracer.startActiveSpan(name, async (span) => {
      try {
        return await run(...args)
      } finally {
        span.end()
      }
    })
}

function methodOf(request: unknown, isMethod: (name: unknown) => boolean): string {
  const method =
    typeof request === 'object' && request !== null && 'method' in request
      ? request.method
      : undefined
  return isMethod(method) ? String(method) : 'unknown'
}

function countSpends(tokens: Storage['tokens'], instruments: Instruments): Storage['tokens'] {
  return {
    ...tokens,
    async spend(...told) {
      const spent = await tokens.spend(...told)
      instruments.spend(spent ? 'spent' : 'exhausted')
      return spent
    },
  }
}

function timeVerifier(verifier: Verifier, clock: () => Date, instruments: Instruments): Verifier {
  const { method } = verifier
  return {
    ...verifier,
    ...(verifier.locate !== undefined && {
      locate: (credential: unknown) => verifier.locate?.(credential) ?? '',
    }),
    async verify(credential, context) {
      const began = clock().getTime()
      const seconds = (): number => (clock().getTime() - began) / 1000
      try {
        const verdict = await verifier.verify(credential, context)
        instruments.verifier(method, isRejection(verdict) ? 'refused' : 'granted', seconds())
        return verdict
      } catch (error) {
        instruments.verifier(method, 'unavailable', seconds())
        throw error
      }
    },
  }
}
