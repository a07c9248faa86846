import * as z from 'zod'
import { formatNetwork, parseNetwork } from '../lib/address.ts'
import { isHostId, isSlug } from '../lib/ids.ts'
import { isWellFormed, toDisplayName } from '../lib/text.ts'
import { days } from '../lib/time.ts'

// The vocabulary of the schemas in this folder. Messages complete a sentence that begins with the field's name.

/** What is wrong with a text that is not well-formed. */
export const HALF = 'must not hold half of a character'

/** An id that a host may bring along, or one of ours. */
export const hostId: z.ZodString = z
  .string('must be a string')
  .refine(isHostId, 'must be 1 to 128 characters out of A-Z a-z 0-9 _ . : @ ~ -')

/** An id to look up: any text that is short enough; an unknown one is not found. */
export const anyId: z.ZodString = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .max(256, 'is too long')
  .refine(isWellFormed, HALF)

/** A short name for configuration as code. */
export const slug: z.ZodString = z
  .string('must be a string')
  .refine(isSlug, 'must be 1 to 64 characters out of a-z 0-9 -')

/** A name for people: NFC, without control characters. */
export const displayName: z.ZodType<string> = z
  .string('must be a string')
  .transform((text, context) => {
    const name = toDisplayName(text)
    if (name === undefined)
      context.addIssue('must be 1 to 256 printable characters without blanks at its ends')
    return name ?? ''
  })

/** Free text that people wrote about a thing. */
export const description: z.ZodString = z
  .string('must be a string')
  .max(1024, 'must be at most 1024 characters')
  .refine(isWellFormed, HALF)

const wholeNumber = z.int('must be a whole number')

/** A count of uses: absent means unlimited, so zero is refused. */
export const maxUses: z.ZodType<number> = wholeNumber.min(
  1,
  'must be at least 1; leave it out for no limit',
)

/** A duration of whole seconds; zero is refused, since "no end" has a name of its own. */
export function seconds(most: number): z.ZodType<number> {
  return wholeNumber
    .min(1, 'must be at least 1 second')
    .max(most, `must be at most ${most} seconds`)
}

/** A whole number within bounds. */
export function between(least: number, most: number): z.ZodType<number> {
  return wholeNumber.min(least, `must be at least ${least}`).max(most, `must be at most ${most}`)
}

/** The longest lifetime that can be configured for a login with all its renewals. */
export const TEN_YEARS: number = days(3650)

/** An instant that a clock of this century could show. */
export const instant: z.ZodDate = z
  .date('must be a Date')
  .min(new Date('2000-01-01T00:00:00Z'), 'must lie in this century')
  .max(new Date('2100-01-01T00:00:00Z'), 'must lie in this century')

const network = z.string('must be a string').transform((text, context) => {
  const parsed = parseNetwork(text)
  if (parsed === undefined) context.addIssue('must be an IPv4 or IPv6 address or CIDR block')
  return parsed === undefined ? '' : formatNetwork(parsed)
})

/** Addresses and CIDR blocks; an empty list is a mistake, never "everywhere". */
export const networks: z.ZodType<string[]> = z
  .array(network, 'must be a list')
  .min(1, 'must not be empty; write 0.0.0.0/0 and ::/0 for every address')
  .max(1000, 'must have at most 1000 entries')

const textByText = z.record(
  z
    .string()
    .min(1, 'must have keys of at least 1 character')
    .max(128, 'must have keys of at most 128 characters')
    .refine(isWellFormed, HALF),
  z
    .string('must hold text')
    .max(1020, 'must be at most 1020 characters')
    .refine(isWellFormed, HALF),
  'must be an object of texts',
)

/** What a host notes about an identity: text by text. */
export const metadata: z.ZodType<Readonly<Record<string, string>>> = z
  .unknown()
  // The library drops this one key in silence; as a filter, what is left would match everything.
  .refine((entries) => !hasProto(entries), 'must not have the key __proto__')
  .pipe(textByText)
  .refine((entries) => Object.keys(entries).length <= 64, 'must have at most 64 entries')
  .transform(
    (entries): Readonly<Record<string, string>> =>
      Object.freeze(Object.assign(Object.create(null), entries)),
  )

function hasProto(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')
}

/** Who holds something. */
export const optionalRevision: z.ZodOptional<z.ZodType<number>> = wholeNumber
  .min(1, 'must be a revision that was read')
  .optional()

interface PageFields {
  readonly order: z.ZodOptional<z.ZodType<'id' | 'name'>>
  readonly limit: z.ZodOptional<z.ZodType<number>>
  readonly offset: z.ZodOptional<z.ZodType<number>>
  readonly cursor: z.ZodOptional<z.ZodType<string>>
}

/** What every list takes beside its filters. */
export const pageFields: PageFields = {
  order: z.enum(['id', 'name'], 'must be id or name').optional(),
  limit: between(1, 100).optional(),
  offset: between(0, 10_000).optional(),
  cursor: z.string('must be a string').max(4096, 'is too long').optional(),
}
