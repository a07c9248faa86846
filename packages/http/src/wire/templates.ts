import type { AuthTemplate, WireMapping } from '@countersign/core'
import * as z from 'zod'
import { policyFields, toPolicyAnswer } from './policy.ts'
import { stamp } from './words.ts'

/** A method that has templates on this wire, and the fields that they hold. */
export interface TemplateMethod {
  readonly method: string
  readonly fields: WireMapping['policy']
}

/** The fields that templates of a method hold on this wire; nothing for a method that has none. */
export function templateFieldsOf({
  policy,
  template,
}: WireMapping): WireMapping['policy'] | undefined {
  return (
    template &&
    Object.fromEntries(Object.entries(policy).filter(([name]) => template.includes(name)))
  )
}

/** The schema of what a template holds. */
export function templateFieldsSchema(fields: WireMapping['policy']): z.ZodType<object> {
  return z.strictObject(policyFields(fields))
}

/** A template as this wire shows it. */
export const templateAnswer: z.ZodType = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    authMethod: z.string(),
    orgId: z.string(),
    templateFields: z.record(z.string(), z.unknown()),
    createdAt: stamp,
    updatedAt: stamp,
  })
  .meta({ id: 'IdentityTemplate' })

/** Writes a template; its secrets come sealed. */
export function toTemplateAnswer(template: AuthTemplate, fields: WireMapping['policy']): object {
  return {
    id: template.id,
    name: template.name,
    authMethod: template.method,
    orgId: template.organization,
    templateFields: toPolicyAnswer(fields, template.policy),
    createdAt: template.createdAt.toISOString(),
    updatedAt: template.updatedAt.toISOString(),
  }
}
