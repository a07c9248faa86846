import type { MaybePromise } from '../crypto/types.ts'

export type { MaybePromise } from '../crypto/types.ts'

/** Goes on with a value: at once where it is there already, so that what is known costs no turn of the event loop. */
export function after<T, R>(
  value: MaybePromise<T>,
  goOn: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(goOn) : goOn(value)
}
