import type { WireField, WireMapping } from '@countersign/core'
import * as z from 'zod'
import { invalid } from '../invalid.ts'
import { getPath, setPath } from './paths.ts'

type Fields = WireMapping['policy']

const text = z.string('must be a string').max(16_384, 'must be at most 16384 characters long')
const texts = z.array(text, 'must be a list').max(100, 'must have at most 100 entries')
const record = z.record(z.string(), text, 'must be an object of texts')

/** How each form of a field is written on the wire. */
const SHAPES: Readonly<Record<WireField['as'], z.ZodType>> = {
  text,
  texts: text,
  globs: text,
  list: texts,
  keys: texts,
  claims: record,
  paths: record,
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
    else setPath(policy, to, READERS[as](value, name))
  }
  return policy
}

function removePath(target: object, path: string): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  const place = names.length === 0 ? target : getPath(target, names.join('.'))
  if (typeof place === 'object' && place !== null) Reflect.deleteProperty(place, last)
}

type Reader = (value: unknown, name: string) => unknown

const asItIs: Reader = (value) => value

// The schema of a row has parsed each value by the form of its field.
const READERS: Readonly<Record<WireField['as'], Reader>> = {
  text: asItIs,
  list: asItIs,
  keys: asItIs,
  paths: asItIs,
  texts: (value) => partsOf(value as string),
  globs: (value, name) => toRule(value as string, name),
  claims: (value, name) =>
    Object.fromEntries(
      Object.entries(value as Readonly<Record<string, string>>).map(([claim, rule]) => [
        claim,
        toRule(rule, name),
      ]),
    ),
}

function partsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** One text, one of several, or a glob: never several globs, which no rule says. */
function toRule(text: string, name: string): unknown {
  const parts = partsOf(text)
  const [only = ''] = parts
  const isGlob = parts.some((part) => /[*?]/.test(part))
  if (isGlob && parts.length > 1) throw invalid(`${name} must be one glob, or texts without any`)
  if (isGlob) return { glob: only }
  return parts.length === 1 ? only : { in: parts }
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
  keys: textsOnly,
  texts: (value) => (Array.isArray(value) ? value.join(',') : undefined),
  globs: toRuleText,
  paths: (value) => recordOf(value, textOnly),
  claims: (value) => recordOf(value, toRuleText),
}

function toRuleText(rule: unknown): string | undefined {
  if (typeof rule === 'string') return rule
  const among = getPath(rule, 'in')
  if (Array.isArray(among)) return among.join(',')
  const glob = getPath(rule, 'glob')
  return typeof glob === 'string' ? glob : undefined
}

function recordOf(value: unknown, write: Writer): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).map(([name, one]) => [name, write(one)] as const)
  return Object.fromEntries(entries.filter(([, written]) => written !== undefined))
}
