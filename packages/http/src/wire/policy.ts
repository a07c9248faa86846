import type { WireField, WireMapping } from '@countersign/core'
import * as z from 'zod'
import { getPath, setPath } from './paths.ts'

type Fields = WireMapping['policy']

const text = z.string('must be a string').max(16_384, 'must be at most 16384 characters long')
const texts = z.array(text, 'must be a list').max(100, 'must have at most 100 entries')
const fields = z
  .array(z.strictObject({ key: text, value: text }), 'must be a list')
  .max(50, 'must have at most 50 entries')
const record = z.record(z.string(), text, 'must be an object of texts')

/** How each form of a field is written on the wire. */
const SHAPES: Readonly<Record<WireField['as'], z.ZodType>> = {
  text,
  texts: text,
  patterns: text,
  rule: text,
  list: texts,
  keys: texts,
  claims: record,
  paths: record,
  fields,
}

/** The fields of a policy on this wire, each of which may be left out. */
export function policyFields(fields: Fields): Readonly<Record<string, z.ZodOptional<z.ZodType>>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { as }]) => [name, SHAPES[as].optional()]),
  )
}

/** Whether a client says anything of a policy. */
export function saysPolicy(fields: Fields, said: object): boolean {
  return Object.keys(fields).some((name) => Object.hasOwn(said, name))
}

/** Reads a policy over the one that stands: what is not said stays, and an empty text takes a member away. */
export function fromPolicy(fields: Fields, said: object, standing: unknown = {}): object {
  const policy: object = structuredClone(typeof standing === 'object' && standing ? standing : {})
  for (const [name, { to, as }] of Object.entries(fields)) {
    const value = (said as Readonly<Record<string, unknown>>)[name]
    if (value === undefined) continue
    if (value === '') removePath(policy, to)
    else setPath(policy, to, READERS[as](value))
  }
  return policy
}

/** Takes a member away, and what holds it too where nothing else is left in it. */
function removePath(target: object, path: string): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  const above = names.join('.')
  const place = above === '' ? target : getPath(target, above)
  if (typeof place !== 'object' || place === null) return
  Reflect.deleteProperty(place, last)
  if (above !== '' && Object.keys(place).length === 0) removePath(target, above)
}

type Reader = (value: unknown) => unknown

const asItIs: Reader = (value) => value

// The schema of a row has parsed each value by the form of its field.
const READERS: Readonly<Record<WireField['as'], Reader>> = {
  text: asItIs,
  list: asItIs,
  keys: (value) => (value as readonly string[]).map((pem) => ({ pem })),
  texts: (value) => partsOf(value as string),
  patterns: (value) => partsOf(value as string).map(toPattern),
  rule: (value) => toRule(value as string),
  claims: (value) => mapRecord(value, toPointer, (rule) => toRule(rule as string)),
  fields: (value) =>
    (value as readonly { key: string; value: string }[]).map(({ key, value: values }) => ({
      attribute: key,
      values: partsOf(values),
    })),
  paths: (value) =>
    mapRecord(value, asItIs as (name: string) => string, (path) => toPointer(path as string)),
}

function mapRecord(
  record: unknown,
  rename: (name: string) => string,
  read: Reader,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(record as Readonly<Record<string, unknown>>)
  return Object.fromEntries(entries.map(([name, value]) => [rename(name), read(value)]))
}

function partsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** A text there is a glob where it has a star or a question mark. */
function toPattern(text: string): string | { readonly glob: string } {
  return /[*?]/.test(text) ? { glob: text } : text
}

/** One of several texts, or of several globs; one alone stands for itself. */
function toRule(text: string): unknown {
  const patterns = partsOf(text).map(toPattern)
  if (patterns.length === 1) return patterns[0]
  return patterns.every((pattern) => typeof pattern === 'string')
    ? { in: patterns }
    : { any: patterns }
}

/** A path of names between dots, as a JSON pointer (RFC 6901); a name alone stays a name. */
function toPointer(path: string): string {
  const names = path.split('.')
  if (names.length === 1 && !path.startsWith('/')) return path
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function fromPointer(pointer: string): string {
  if (!pointer.startsWith('/')) return pointer
  const names = pointer.slice(1).split('/')
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
}

/** Writes a policy. A rule that this wire cannot say is left out. */
export function toPolicyAnswer(fields: Fields, policy: unknown): object {
  const answered: [string, unknown][] = []
  for (const [name, { to, as }] of Object.entries(fields)) {
    const value = getPath(policy, to)
    const written = value === undefined ? undefined : WRITERS[as](value)
    if (written !== undefined) answered.push([name, written])
  }
  return Object.fromEntries(answered)
}

type Writer = (value: unknown) => unknown

const textOnly: Writer = (value) => (typeof value === 'string' ? value : undefined)
const textsOnly: Writer = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined

const WRITERS: Readonly<Record<WireField['as'], Writer>> = {
  text: textOnly,
  list: textsOnly,
  keys: (value) =>
    Array.isArray(value) ? value.map((key: unknown) => getPath(key, 'pem')) : undefined,
  texts: (value) => (Array.isArray(value) ? value.join(',') : undefined),
  patterns: (value) => (Array.isArray(value) ? joinAll(value.map(toRuleText)) : undefined),
  rule: toRuleText,
  paths: (value) =>
    recordOf(value, (path) => (typeof path === 'string' ? fromPointer(path) : undefined)),
  claims: (value) => recordOf(value, toRuleText, fromPointer),
  fields: (value) => (Array.isArray(value) ? value.map(toField) : undefined),
}

function toField(rule: unknown): object {
  const values = getPath(rule, 'values')
  return {
    key: getPath(rule, 'attribute'),
    value: Array.isArray(values) ? values.join(',') : '',
  }
}

function toRuleText(rule: unknown): string | undefined {
  if (typeof rule === 'string') return rule
  const glob = getPath(rule, 'glob')
  if (typeof glob === 'string') return glob
  const among = getPath(rule, 'in') ?? getPath(rule, 'any')
  return Array.isArray(among) ? joinAll(among.map(toRuleText)) : undefined
}

/** What one of them cannot be said on this wire, all of them cannot. */
function joinAll(texts: readonly (string | undefined)[]): string | undefined {
  return texts.includes(undefined) ? undefined : texts.join(',')
}

function recordOf(
  value: unknown,
  write: Writer,
  rename = (name: string): string => name,
): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).map(([name, one]) => [rename(name), write(one)] as const)
  return Object.fromEntries(entries.filter(([, written]) => written !== undefined))
}
