import type { Db } from './db.ts'
import { sweepStatements } from './statements/sweep.ts'
import { sweepKeys } from './stores/signing-keys.ts'

/** Forgets what is past its end, at most `limit` rows, and answers how many. */
export async function sweep(db: Db, now: Date, limit: number): Promise<number> {
  const most = Math.min(limit, Number.MAX_SAFE_INTEGER)
  let swept = 0
  for (const forget of sweepStatements) {
    if (swept >= most) return swept
    const [count] = await db.ask(forget, [now.getTime(), most - swept])
    swept += Number(count)
  }
  return swept >= most ? swept : swept + (await sweepKeys(db, now, most - swept))
}
