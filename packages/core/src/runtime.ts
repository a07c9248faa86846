// For tests and tools that hand the engine its time: no app imports this.

export { createCountersignWith } from './countersign.ts'
export type { Runtime } from './ports/runtime.ts'
export { systemClock, systemRuntime } from './system-runtime.ts'
