import * as z from 'zod'
import type { Seconds } from '../lib/time.ts'
import { days } from '../lib/time.ts'
import { between, TEN_YEARS } from './fields.ts'

/** What `maintain()` tells of before it hurts. */
export interface NoticeSettings {
  /** How long before its end a credential or a key is told of: whole days, in seconds; 14 and 3 days by default. */
  readonly expiring?: readonly Seconds[] | undefined
  /** How long an identity is of no use before it is told of: whole days, in seconds; 90 days by default. */
  readonly unused?: Seconds | 'never' | undefined
}

const wholeDays = between(days(1), TEN_YEARS).refine(
  (seconds) => seconds % days(1) === 0,
  'must be whole days',
)

export const notices: z.ZodType<NoticeSettings | 'off'> = z.union(
  [
    z.literal('off'),
    z.strictObject({
      expiring: z.array(wholeDays, 'must be a list').max(5, 'must hold at most 5').optional(),
      unused: z.union([z.literal('never'), wholeDays], "must be whole days, or 'never'").optional(),
    }),
  ],
  "must be { expiring, unused } in whole days, or 'off'",
) as unknown as z.ZodType<NoticeSettings | 'off'>
