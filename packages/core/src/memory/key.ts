import { joinWithLengths } from '../plugin.ts'

/** Makes one key of several parts; no other parts make the same one. */
export function keyOf(...parts: readonly string[]): string {
  return joinWithLengths(parts)
}
