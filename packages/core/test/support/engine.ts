import type { TypedHostManagement } from '../../src/engine/manage/typed-management.ts'
import type { MethodsOf, MethodTable } from '../../src/engine/methods.ts'
import { memoryStorage } from '../../src/memory/memory-storage.ts'
import type { Event } from '../../src/model/event.ts'
import type { EventSink } from '../../src/ports/sink.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { Verifier } from '../../src/ports/verifier.ts'
import { createCountersignWith } from '../../src/runtime.ts'
import type { BuiltInMethods, Countersign, CountersignOptions } from '../../src/surface.ts'
import type { Calls } from './calls.ts'
import { withCalls } from './calls.ts'
import type { HandClock } from './clock.ts'
import { createHandClock } from './clock.ts'
import type { HandRuntime } from './runtime.ts'
import { createHandRuntime } from './runtime.ts'

/** What differs from the usual engine of a test. */
export interface EngineGiven<Verifiers extends readonly Verifier[] = readonly []>
  extends Partial<Omit<CountersignOptions<Verifiers>, 'storage'>> {
  /** What stands between the engine and its storage. */
  readonly around?: ((storage: Storage) => Storage) | undefined
  /** Makes this one a second node beside another. */
  readonly beside?: Pick<TestEngine, 'storage' | 'clock'> | undefined
  /** The node's own clock, where it is not the authority's. */
  readonly local?: (() => Date) | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** An engine on memory, and everything that a test moves and looks at. */
export interface TestEngine<Methods extends MethodTable = BuiltInMethods> {
  readonly countersign: Countersign<Methods>
  readonly host: TypedHostManagement<Methods>
  readonly clock: HandClock
  /** The authority itself, past everything that stands around it. */
  readonly storage: Storage
  readonly calls: Calls
  readonly runtime: HandRuntime
  /** What reached the sink of this engine. */
  readonly sunk: readonly Event[]
  /** All recorded events. */
  recorded(): Promise<readonly Event[]>
  /** Credentials that must not show anywhere. */
  readonly canaries: Set<string>
}

/** 32 bytes that were drawn by chance. */
export const ROOT_KEY = 'rYbX0z7kU5uKQ2jv3m1dW8oTq4hFsLcN9eGxPaIyZtE'
export const OTHER_ROOT_KEY = 'Zk9wq2LxT7cVbN4mR1sYfH8jD3gKpQ6uWeXaOiUtE5I'

/** The issuer of every engine that names no other. */
export const ISSUER = 'https://id.example.com'

/** Creates an engine with a sink, on memory and a clock that stands still. */
export function anEngine<const Verifiers extends readonly Verifier[] = readonly []>(
  given: EngineGiven<Verifiers> = {},
): TestEngine<BuiltInMethods & MethodsOf<Verifiers>> {
  const { around = (inner: Storage) => inner, beside, local, fetch, sinks = [], ...options } = given
  const clock = beside?.clock ?? createHandClock()
  const storage = beside?.storage ?? memoryStorage({ clock: clock.now })
  const watched = withCalls(storage)
  const runtime = createHandRuntime(local ?? clock.now)
  const sunk: Event[] = []
  const sink: EventSink = { name: 'test', write: (events) => void sunk.push(...events) }
  const countersign = createCountersignWith<Verifiers>(fetch ? { ...runtime, fetch } : runtime, {
    issuer: ISSUER,
    rootKeys: [ROOT_KEY],
    // Floods here ask what the other limits do.
    rateLimits: 'off',
    ...options,
    sinks: [sink, ...sinks],
    storage: around(watched.storage),
  })
  const recorded = async (): Promise<readonly Event[]> => {
    const sealed = await storage.trail.read(0, 1_000_000)
    const { events } = await storage.trail.open(1_000_000)
    return [...sealed, ...events].map(({ event }) => event)
  }
  const canaries = new Set<string>([ROOT_KEY])
  const host = countersign.asHost('test')
  return {
    countersign,
    host,
    clock,
    storage,
    calls: watched.calls,
    runtime,
    sunk,
    recorded,
    canaries,
  }
}
