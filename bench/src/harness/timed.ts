import type { Contender } from './contest.ts'

/** Where a contender's inputs come from. */
export interface Inputs<Input> {
  /** The next ones, fresh each time. */
  readonly next: () => readonly Input[] | Promise<readonly Input[]>
  /** Brings the contender into the state that is measured, before each sample. */
  readonly settle?: () => Promise<void>
}

/**
 * A contender in microseconds of processor time per operation, threads and garbage collection included. Drawing the
 * inputs is not measured. Time on the wall would count whoever else is on the machine.
 */
export function each<Input>(
  name: string,
  inputs: Inputs<Input>,
  act: (input: Input) => unknown,
): Contender {
  return batched(name, inputs, (batch) => {
    for (const input of batch) keep(act(input))
  })
}

/** The same for what answers by promise: each one is awaited before the next one begins. */
export function eachAwaited<Input>(
  name: string,
  inputs: Inputs<Input>,
  act: (input: Input) => Promise<unknown>,
): Contender {
  return batched(name, inputs, async (batch) => {
    for (const input of batch) keep(await act(input))
  })
}

/**
 * A contender in microseconds on the wall per operation, so many of them in flight: what a server does counts too. Each
 * one that is answered is followed by the next one; what is in flight when the time is up is waited for.
 */
export function inFlight<Input>(
  name: string,
  { width, next }: { readonly width: number; readonly next: () => Input },
  act: (input: Input) => Promise<unknown>,
): Contender {
  return {
    name,
    async sample(milliseconds) {
      const start = performance.now()
      let done = 0
      const lane = async (): Promise<void> => {
        do {
          keep(await act(next()))
          done += 1
        } while (performance.now() - start < milliseconds * LONGER)
      }
      await Promise.all(Array.from({ length: width }, lane))
      return ((performance.now() - start) * 1000) / done
    },
  }
}

/** A sample on the wall must outlast a checkpoint's beginning and a neighbour's burst. */
const LONGER = 5

/** Hands out the same inputs in turn. */
export function inTurn<Input>(inputs: readonly Input[]): () => Input {
  let turn = -1
  return () => {
    turn = (turn + 1) % inputs.length
    const input = inputs[turn]
    if (input === undefined) throw new Error('There is nothing to hand out')
    return input
  }
}

function batched<Input>(
  name: string,
  inputs: Inputs<Input>,
  run: (batch: readonly Input[]) => void | Promise<void>,
): Contender {
  return {
    name,
    async sample(milliseconds) {
      await inputs.settle?.()
      let spent = 0
      let done = 0
      while (spent < milliseconds * 1000) {
        const batch = await inputs.next()
        const start = process.cpuUsage()
        const running = run(batch)
        if (running !== undefined) await running
        const { user, system } = process.cpuUsage(start)
        spent += user + system
        done += batch.length
      }
      return spent / done
    },
  }
}

let kept: unknown

/** What is computed must be used, or the compiler may leave it out. */
function keep(value: unknown): void {
  kept = value
}

/** What was kept last. */
export function lastKept(): unknown {
  return kept
}
