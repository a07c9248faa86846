import { BUILT_IN_RESOURCES } from '../resources.ts'
import { isPlainRecord, textsOf } from './untrusted.ts'

/** Says in a sentence what is wrong with a declaration of resources, or nothing where it may be compiled. */
export function refuseResources(declared: unknown): string | undefined {
  if (!isPlainRecord(declared)) return 'resources must be an object'
  const names = Object.keys(declared)
  if (names.length > MOST.resources) return `resources must be at most ${MOST.resources}`
  const twin = findTwin(names)
  if (twin !== undefined) return `resources.${twin} differs from another one by its case only`
  for (const name of names) {
    const problem = refuseName(name) ?? refuseResource(declared[name], `resources.${name}`)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** A resource, an action. */
const NAME = /^[a-z][A-Za-z0-9_-]{0,63}$/

/** An attribute: what can stand behind a dot. */
const ATTRIBUTE = /^[a-z][A-Za-z0-9_]{0,63}$/

/** What questions carry beside the attributes. */
const TAKEN: ReadonlySet<string> = new Set(['organization', 'project', 'permission', 'prototype'])

const MOST = { resources: 256, actions: 128, attributes: 16 }

const KINDS: ReadonlySet<unknown> = new Set(['text', 'path'])

const MEMBERS: ReadonlySet<string> = new Set(['scope', 'actions', 'reads', 'attributes'])

function refuseName(name: string): string | undefined {
  if (!NAME.test(name) || name in {})
    return 'resources must have names of 1 to 64 characters out of A-Z a-z 0-9 _ - that begin with a-z'
  if (Object.hasOwn(BUILT_IN_RESOURCES, name)) return `resources.${name} is a built-in resource`
  return undefined
}

function refuseResource(resource: unknown, field: string): string | undefined {
  if (!isPlainRecord(resource)) return `${field} must be an object`
  const stranger = Object.keys(resource).find((member) => !MEMBERS.has(member))
  if (stranger !== undefined) return `${field} must have no members but ${[...MEMBERS].join(', ')}`
  const { scope, actions, reads, attributes } = resource
  if (scope !== 'organization' && scope !== 'project')
    return `${field}.scope must be 'organization' or 'project'`
  return (
    refuseActions(actions, `${field}.actions`) ??
    refuseReads(reads, actions, `${field}.reads`) ??
    refuseAttributes(attributes, `${field}.attributes`)
  )
}

function refuseActions(actions: unknown, field: string): string | undefined {
  const names = textsOf(actions)
  if (names === undefined || names.length === 0 || names.length > MOST.actions)
    return `${field} must be 1 to ${MOST.actions} names`
  if (!names.every((name) => NAME.test(name)))
    return `${field} must be names of 1 to 64 characters out of A-Z a-z 0-9 _ - that begin with a-z`
  const twin = findTwin(names)
  return twin === undefined ? undefined : `${field} has '${twin}' twice`
}

function refuseReads(reads: unknown, actions: unknown, field: string): string | undefined {
  if (reads === undefined) return undefined
  const known = new Set(textsOf(actions))
  const names = textsOf(reads)
  if (names?.every((name) => known.has(name))) return undefined
  return `${field} must name actions of the resource`
}

function refuseAttributes(attributes: unknown, field: string): string | undefined {
  if (attributes === undefined) return undefined
  if (!isPlainRecord(attributes)) return `${field} must be an object`
  const names = Object.keys(attributes)
  if (names.length > MOST.attributes) return `${field} must be at most ${MOST.attributes}`
  for (const name of names) {
    if (!ATTRIBUTE.test(name))
      return `${field} must have names of 1 to 64 characters out of A-Z a-z 0-9 _ that begin with a-z`
    if (TAKEN.has(name) || name in {}) return `${field}.${name} is a reserved name`
    if (!KINDS.has(attributes[name])) return `${field}.${name} must be 'text' or 'path'`
  }
  return undefined
}

/** The first name that is written twice, whatever the case. */
function findTwin(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find((name) => seen.size === seen.add(name.toLowerCase()).size)
}
