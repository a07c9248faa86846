/** Answers the SQLSTATE of an error that Postgres itself reported; every other error says nothing of what was done. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  const { code } = error
  return typeof code === 'string' && SQL_STATE.test(code) ? code : undefined
}

/** The classes of the standard and those of Postgres; EPIPE is neither. */
const SQL_STATE = /^(?:[0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/

/**
 * Tells whether the connection is as good as before: Postgres refused a statement, and did not end the session with it
 * (class 08, and those of class 57 that an administrator causes).
 */
export function leavesConnection(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state !== undefined && !state.startsWith('08') && !state.startsWith('57P')
}

/**
 * Tells whether a statement came to nothing because of others, and would see what they did if it were run again: a
 * serialization failure, a deadlock, or a reference or a name that was checked and then lost to somebody else.
 */
export function isForestalled(error: unknown): boolean {
  return FORESTALLED.has(sqlStateOf(error) ?? '')
}

/** Tells whether it was only the crowd, and nothing that the statement itself said: a serialization failure, a deadlock. */
export function isCrowdedOut(error: unknown): boolean {
  return CROWDED_OUT.has(sqlStateOf(error) ?? '')
}

const CROWDED_OUT: ReadonlySet<string> = new Set(['40001', '40P01'])

const FORESTALLED: ReadonlySet<string> = new Set(['40001', '40P01', '23505', '23503'])

/** How often something that others forestalled is run again. */
export const MAX_RERUNS = 5
