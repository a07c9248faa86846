/** Time, chance and the network, handed in: tests move the clock by hand. */
export interface ClientRuntime {
  /** Milliseconds on a clock that never runs backwards; only differences count. */
  readonly now: () => number
  /** The time of day, which some evidence is stamped with. */
  readonly wallClock: () => Date
  /** A number from 0 to 1, without 1, that spreads attempts. Nothing secret is made of it. */
  readonly random: () => number
  readonly fetch: typeof globalThis.fetch
  /** Resolves after so many milliseconds, or when the signal aborts; does not throw. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** A signal that aborts after so many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal
}
