// For tests and tools that hand the engine its time, or look into it: no app imports this.

export type { ObservedCountersign } from './countersign.ts'
export { createCountersignWith, createObservedCountersign } from './countersign.ts'
export type { Runtime } from './ports/runtime.ts'
export { systemClock, systemRuntime } from './system-runtime.ts'
export { createVerifierWith } from './verifier/token-verifier.ts'
