import type { HeldRole, RoleBinding } from '@countersign/core'
import * as z from 'zod'
import { invalid } from '../invalid.ts'
import { instant, role, stamp } from './words.ts'

/** How long something is held: for good, or from an instant for a while. */
export interface WireWindow {
  readonly isTemporary?: boolean | undefined
  readonly temporaryMode?: 'relative' | undefined
  readonly temporaryRange?: string | undefined
  readonly temporaryAccessStartTime?: string | undefined
}

/** A role as a client gives it. */
export interface WireRole extends WireWindow {
  readonly role: string
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_557_600,
}

const RANGE =
  /^(\d{1,9}) ?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y|yrs?|years?)$/

const range = z
  .string('must be a string')
  .regex(RANGE, 'must be a positive duration, like 90s, 15m, 1h or 7d')

/** The members of a window. */
export const windowFields: {
  readonly isTemporary: z.ZodOptional<z.ZodType<boolean>>
  readonly temporaryMode: z.ZodOptional<z.ZodType<'relative'>>
  readonly temporaryRange: z.ZodOptional<z.ZodType<string>>
  readonly temporaryAccessStartTime: z.ZodOptional<z.ZodType<string>>
} = {
  isTemporary: z.boolean('must be true or false').optional(),
  temporaryMode: z.literal('relative', 'must be relative').optional(),
  temporaryRange: range.optional(),
  temporaryAccessStartTime: instant.optional(),
}

/** Roles that an identity shall hold in one scope. */
export const wireRoles: z.ZodType<readonly WireRole[]> = z
  .array(z.strictObject({ role, ...windowFields }), 'must be a list of roles')
  .min(1, 'must have at least one role')
  .max(100, 'must be at most 100 roles')

/** A role that is held, as this wire shows it. */
export const roleAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    role: z.string(),
    customRoleId: z.string().optional(),
    customRoleName: z.string().optional(),
    customRoleSlug: z.string().optional(),
    isTemporary: z.boolean(),
    temporaryMode: z.literal('relative').optional(),
    temporaryRange: z.string().optional(),
    temporaryAccessStartTime: stamp.optional(),
    temporaryAccessEndTime: stamp.optional(),
  })
  .meta({ id: 'HeldRole' })

/** Reads a window. Its start is tested as well as its end: one that lies ahead begins then. */
export function fromWindow(
  { isTemporary = false, temporaryRange, temporaryAccessStartTime }: WireWindow,
  path: string,
): { readonly from?: Date; readonly until?: Date } {
  const isSaid = temporaryRange !== undefined || temporaryAccessStartTime !== undefined
  if (!isTemporary && isSaid)
    throw invalid(`${path}isTemporary must be true where a range is given`)
  if (!isTemporary) return {}
  if (temporaryRange === undefined) throw invalid(`${path}temporaryRange is required`)
  if (temporaryAccessStartTime === undefined)
    throw invalid(`${path}temporaryAccessStartTime is required`)
  const from = new Date(temporaryAccessStartTime)
  const until = new Date(from.getTime() + secondsOf(temporaryRange, path) * 1000)
  if (Number.isNaN(until.getTime())) throw invalid(`${path}temporaryRange is too long`)
  return { from, until }
}

function secondsOf(text: string, path: string): number {
  const [, amount = '0', unit = 's'] = RANGE.exec(text) ?? []
  const seconds = Number(amount) * (UNITS[unit.charAt(0)] ?? 0)
  if (seconds === 0) throw invalid(`${path}temporaryRange must be a positive number`)
  return seconds
}

/** Reads the roles that a client gives. */
export function fromWireRoles(
  roles: readonly WireRole[],
): readonly { readonly role: string; readonly from?: Date; readonly until?: Date }[] {
  return roles.map(({ role: slug, ...window }, index) => ({
    role: slug,
    ...fromWindow(window, `roles[${index}].`),
  }))
}

/** Writes a role that is held: a stored one is `custom`, with its own names beside. */
export function toRoleAnswer({ binding, slug, name }: HeldRole): object {
  const isStored = binding.role !== slug
  return {
    id: binding.id,
    role: isStored ? 'custom' : slug,
    ...(isStored && {
      customRoleId: binding.role,
      customRoleSlug: slug,
      ...(name !== undefined && { customRoleName: name }),
    }),
    ...toWindowAnswer(binding),
  }
}

/** Writes a window. One without a beginning began when it was bound. */
export function toWindowAnswer({
  from,
  until,
  createdAt,
}: Pick<RoleBinding, 'from' | 'until' | 'createdAt'>): object {
  if (from === undefined && until === undefined) return { isTemporary: false }
  const start = from ?? createdAt
  return {
    isTemporary: true,
    temporaryMode: 'relative',
    temporaryAccessStartTime: start.toISOString(),
    ...(until !== undefined && {
      temporaryRange: `${Math.round((until.getTime() - start.getTime()) / 1000)}s`,
      temporaryAccessEndTime: until.toISOString(),
    }),
  }
}
