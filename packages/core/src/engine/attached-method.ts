import type { Parts } from './parts.ts'

/** Finds the first of some methods that an identity has attached; the first of all where it has none of them. */
export type AttachedMethod = (identity: string, among: readonly string[]) => Promise<string>

/**
 * Creates the choice of a method for a credential that may belong to several. It believes nothing, counts nothing, and asks
 * as much about an identity that is not there: the login that follows decides.
 */
export function createAttachedMethod({
  storage,
  clock,
}: Pick<Parts, 'storage' | 'clock'>): AttachedMethod {
  return async (identity, among) => {
    const [first] = among
    if (typeof identity !== 'string' || first === undefined)
      throw new TypeError('attachedMethod() takes an identity and at least one method')
    const now = clock.now()
    const found = await Promise.all(
      among.map((method) =>
        storage.logins.find({ identity, method, source: 'unknown', digests: [] }, now),
      ),
    )
    return among.find((_, index) => found[index] !== undefined) ?? first
  }
}
