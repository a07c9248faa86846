import { RedisAway } from '../redis-away.ts'

/** Has something tidied up in Redis when what was taken away is gone for good. */
export type Afterwards = (work: () => Promise<void>) => Promise<void>

/** Tidies up at once. What is left over where Redis is away ends by itself. */
export const atOnce: Afterwards = async (work) => {
  await unlessAway(work, () => undefined)
}

/** Leaves it to time: nobody says whether the host's transaction commits. */
export const byItself: Afterwards = async () => undefined

/** Asks Redis, and goes the other way where it is away. */
export async function unlessAway<T, Other>(
  ask: () => Promise<T>,
  otherwise: (away: RedisAway) => Promise<Other> | Other,
): Promise<T | Other> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RedisAway) return otherwise(error)
    throw error
  }
}
