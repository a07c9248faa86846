import type { DirectorySearch } from '@countersign/core'
import * as z from 'zod'
import { invalid } from '../invalid.ts'

interface WireSearch {
  readonly name?:
    | string
    | {
        readonly $eq?: string | undefined
        readonly $contains?: string | undefined
        readonly $in?: readonly string[] | undefined
      }
    | undefined
  readonly role?:
    | string
    | { readonly $eq?: string | undefined; readonly $in?: readonly string[] | undefined }
    | undefined
}

/** A search as a client says it: conditions that must all hold, and alternatives of which one must. */
export interface WireSearches extends WireSearch {
  readonly $or?: readonly WireSearch[] | undefined
}

const word = z.string('must be a string').max(255, 'must be at most 255 characters long')
const words = z.array(word, 'must be a list').max(100, 'must have at most 100 entries')
const fields = {
  name: z
    .union(
      [
        word,
        z.strictObject({ $eq: word.optional(), $contains: word.optional(), $in: words.optional() }),
      ],
      'must be a text, or an object of $eq, $contains and $in',
    )
    .optional(),
  role: z
    .union(
      [word, z.strictObject({ $eq: word.optional(), $in: words.optional() })],
      'must be a text, or an object of $eq and $in',
    )
    .optional(),
}

/** The schema of a search. */
export const wireSearches: z.ZodType<WireSearches> = z.strictObject({
  ...fields,
  $or: z
    .array(z.strictObject(fields), 'must be a list')
    .max(20, 'must have at most 20 entries')
    .optional(),
})

/** Reads a search as alternatives, each of which says all that must hold. */
export function fromSearches({ $or = [], ...common }: WireSearches): readonly DirectorySearch[] {
  const shared = fromSearch(common)
  if ($or.length === 0) return Object.keys(shared).length === 0 ? [] : [shared]
  return $or.map((alternative) => {
    const own = fromSearch(alternative)
    if (Object.keys(own).some((name) => Object.hasOwn(shared, name)))
      throw invalid('search.$or must not repeat what stands beside it')
    return { ...shared, ...own }
  })
}

function fromSearch({ name, role }: WireSearch): DirectorySearch {
  return { ...fromName(name), ...fromRole(role) }
}

function fromName(name: WireSearch['name']): DirectorySearch {
  if (name === undefined) return {}
  const { $eq, $contains, $in } = typeof name === 'string' ? { $contains: name } : name
  const names = both($eq, $in)
  return { ...(names && { names }), ...($contains !== undefined && { nameContains: $contains }) }
}

function fromRole(role: WireSearch['role']): DirectorySearch {
  if (role === undefined) return {}
  const { $eq, $in } = typeof role === 'string' ? { $eq: role } : role
  const roles = both($eq, $in)
  return roles ? { roles } : {}
}

/** Exactly one text, or one of several; where both are said, what both say. */
function both(
  equal: string | undefined,
  among: readonly string[] | undefined,
): readonly string[] | undefined {
  if (equal === undefined) return among
  return among === undefined || among.includes(equal) ? [equal] : []
}
