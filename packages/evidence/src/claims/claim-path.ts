import { isPlainObject } from '../schema.ts'

/** How a claim is named: by its own name, or by a JSON pointer (RFC 6901) into what it holds. */
export type ClaimPath = string

/** Says why a text names no claim, or nothing where it does. */
export function refuseClaimPath(path: string): string | undefined {
  if (path === '' || path.length > 256) return 'must have 1 to 256 characters'
  if (!path.startsWith('/')) return undefined
  if (/~(?![01])/.test(path)) return 'must be a JSON pointer, with ~0 for ~ and ~1 for /'
  return path.split('/').length > 9 ? 'must not reach deeper than eight members' : undefined
}

/** Reads a claim by its exact name; `undefined` for whatever is not there, inherited members included. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: ClaimPath): unknown {
  const steps = path.startsWith('/')
    ? path
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [path]
  let value: unknown = claims
  for (const step of steps) {
    if (Array.isArray(value)) value = INDEX.test(step) ? value[Number(step)] : undefined
    else value = isPlainObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
  }
  return value
}

const INDEX = /^(?:0|[1-9][0-9]{0,3})$/
