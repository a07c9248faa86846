import * as z from 'zod'

// The words of this wire as schemas. Messages complete a sentence that begins with the field's name.

/** Ten years, the most seconds that this wire takes. */
export const TEN_YEARS = 315_360_000

/** An id to look up: any text that is short enough; an unknown one is not found. */
export const id: z.ZodType<string> = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .max(256, 'must be at most 256 characters long')

/** A name for people; blanks at its ends are nothing that anybody meant. */
export const name: z.ZodType<string> = z
  .string('must be a string')
  .trim()
  .min(1, 'must not be empty')
  .max(256, 'must be at most 256 characters long')

/** Free text. */
export const description: z.ZodType<string> = z
  .string('must be a string')
  .max(1024, 'must be at most 1024 characters long')

/** A role by its slug, or by the id of a stored one. */
export const role: z.ZodType<string> = z
  .string('must be the slug of a role')
  .min(1, 'must be the slug of a role')
  .max(128, 'must be at most 128 characters long')

/** True or false. */
export const flag: z.ZodType<boolean> = z.boolean('must be true or false')

/** A whole number within bounds. */
export function whole(least: number, most: number): z.ZodType<number> {
  return z
    .int('must be a whole number')
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)
}

/** A duration in seconds, where 0 says the same as leaving it out. */
export const seconds: z.ZodType<number> = whole(0, TEN_YEARS)

/** A number of uses, where 0 says that there is no limit. */
export const uses: z.ZodType<number> = whole(0, 1_000_000_000)

/** A whole number out of a query. */
export function wholeText(least: number, most: number): z.ZodType<number> {
  const toNumber = (said: unknown): unknown =>
    typeof said === 'string' && /^(?:0|[1-9]\d{0,9})$/.test(said) ? Number(said) : said
  return z.preprocess(toNumber, whole(least, most))
}

/** An instant as clients write it. */
export const instant: z.ZodType<string> = z.iso.datetime({
  offset: true,
  error: 'must be an ISO 8601 instant with an offset',
})

/** An instant as it is answered. */
export const stamp: z.ZodType<string> = z.iso.datetime()

/** What a host notes about an identity: each key once. */
export const metadata: z.ZodType<readonly { readonly key: string; readonly value: string }[]> = z
  .array(
    z.strictObject({
      key: z
        .string('must be a string')
        .trim()
        .min(1, 'must not be empty')
        .max(128, 'must be at most 128 characters long'),
      value: z
        .string('must be a string')
        .trim()
        .min(1, 'must not be empty')
        .max(1020, 'must be at most 1020 characters long'),
    }),
    'must be a list',
  )
  .max(64, 'must have at most 64 entries')
  .refine(
    (entries) => new Set(entries.map(({ key }) => key)).size === entries.length,
    'must have each key once',
  )
  .refine((entries) => entries.every(({ key }) => key !== '__proto__'), 'must not have that key')

/** How a list goes on: rows to leave out, and rows to answer. */
export function paging(
  most: number,
  usual: number,
): {
  readonly offset: z.ZodType<number>
  readonly limit: z.ZodType<number>
} {
  return {
    offset: wholeText(0, 10_000).default(0),
    limit: wholeText(1, most).default(usual),
  }
}
