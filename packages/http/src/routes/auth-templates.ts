import type { AuthTemplate, WiredMethod, WireMapping } from '@countersign/core'
import * as z from 'zod'
import { collect } from '../collect.ts'
import { missing } from '../invalid.ts'
import { renamed } from '../wire/field-names.ts'
import { fromPolicy } from '../wire/policy.ts'
import type { TemplateMethod } from '../wire/templates.ts'
import {
  templateAnswer,
  templateFieldsOf,
  templateFieldsSchema,
  toTemplateAnswer,
} from '../wire/templates.ts'
import { name, wholeText } from '../wire/words.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const PATH = '/api/v1/identity-templates'
const ONE = `${PATH}/:templateId` as const
const tag = 'Identity templates'

/** Manages what auth methods share; there is nothing of it where no method has templates. */
export function authTemplateRoutes(methods: readonly WiredMethod[]): readonly Route[] {
  const templated = methods.flatMap(({ method, wire }) => {
    const fields = wire && templateFieldsOf(wire)
    return fields === undefined ? [] : [{ method, fields }]
  })
  if (templated.length === 0) return []
  return [
    createRoute(templated),
    searchRoute(templated),
    getRoute(templated),
    updateRoute(templated),
    deleteRoute(),
    usageRoute(),
  ]
}

function createRoute(templated: readonly TemplateMethod[]): Route {
  return managed({
    id: 'create-identity-template',
    method: 'POST',
    path: PATH,
    tag,
    summary: 'Makes a template that auth methods share.',
    permission: 'auth-template:create',
    body: z.strictObject({
      name,
      authMethod: methodSchema(templated),
      templateFields: templateFieldsSchema(allFields(templated)),
    }),
    answer: templateAnswer,
    repeats: 'answered',
    run: ({ manage, organization, body }) => {
      const { name: called, authMethod: method, templateFields } = body
      const fields = fieldsOf(templated, method)
      return renamed(
        async () => {
          const policy = fromPolicy(fields, templateFields)
          const wanted = { organization, name: called, method, policy }
          return toTemplateAnswer(await manage.authTemplates.create(wanted), fields)
        },
        { policy: fields },
      )
    },
  })
}

function searchRoute(templated: readonly TemplateMethod[]): Route {
  return managed({
    id: 'search-identity-templates',
    method: 'GET',
    path: `${PATH}/search` as const,
    tag,
    summary: 'Lists templates, those alone whose names have a text in them if one is said.',
    permission: 'auth-template:read',
    query: z.strictObject({
      authMethod: methodSchema(templated).optional(),
      search: z.string().max(256, 'must be at most 256 characters long').optional(),
      limit: wholeText(1, 100).default(50),
      offset: wholeText(0, 10_000).default(0),
    }),
    answer: z.strictObject({ templates: z.array(templateAnswer), totalCount: z.int().min(0) }),
    async run({ manage, organization, query: { authMethod: method, search = '', limit, offset } }) {
      const wanted = search.toLowerCase()
      const found = await collect(
        (page) => manage.authTemplates.list({ organization, method, order: 'name', ...page }),
        { offset: 0, limit: 10_000, keep: (one) => one.name.toLowerCase().includes(wanted) },
      )
      const shown = found.slice(offset, offset + limit)
      return {
        templates: shown.map((one) => toTemplateAnswer(one, fieldsOf(templated, one.method))),
        totalCount: found.length,
      }
    },
  })
}

function getRoute(templated: readonly TemplateMethod[]): Route {
  return managed({
    id: 'get-identity-template',
    method: 'GET',
    path: ONE,
    tag,
    summary: 'Shows a template; its secrets are not among what is shown.',
    permission: 'auth-template:read',
    answer: templateAnswer,
    async run(call) {
      const template = await find(call)
      return toTemplateAnswer(template, fieldsOf(templated, template.method))
    },
  })
}

function updateRoute(templated: readonly TemplateMethod[]): Route {
  return managed({
    id: 'update-identity-template',
    method: 'PATCH',
    path: ONE,
    tag,
    summary: 'Changes a template for every auth method that names it; what is left out stays.',
    permission: 'auth-template:update',
    body: z.strictObject({
      name: name.optional(),
      templateFields: templateFieldsSchema(allFields(templated)).optional(),
    }),
    answer: templateAnswer,
    async run(call) {
      const { name: called, templateFields: said } = call.body
      const standing = await find(call)
      const fields = fieldsOf(templated, standing.method)
      return renamed(
        async () => {
          const revised = await call.manage.authTemplates.update({
            ...keyOf(call),
            ...(called !== undefined && { name: called }),
            ...(said !== undefined && { policy: fromPolicy(fields, said, standing.policy) }),
            revision: standing.revision,
          })
          return toTemplateAnswer(revised, fields)
        },
        { policy: fields },
      )
    },
  })
}

function deleteRoute(): Route {
  return managed({
    id: 'delete-identity-template',
    method: 'DELETE',
    path: ONE,
    tag,
    summary: 'Deletes a template that no auth method names.',
    permission: 'auth-template:delete',
    answer: z.strictObject({ message: z.string() }),
    async run(call) {
      await call.manage.authTemplates.delete(keyOf(call))
      return { message: 'The template was deleted' }
    },
  })
}

function usageRoute(): Route {
  return managed({
    id: 'list-usage-of-identity-template',
    method: 'GET',
    path: `${ONE}/usage` as const,
    tag,
    summary: 'Lists the identities that log in by a template.',
    permission: 'auth-template:read',
    answer: z.array(z.strictObject({ identityId: z.string(), identityName: z.string() })),
    async run(call) {
      const { manage, organization } = call
      const users = await collect(
        (page) => manage.authTemplates.usage({ ...keyOf(call), ...page }),
        { offset: 0, limit: 1000 },
      )
      const identities = []
      for (const { identity } of users) {
        const { name: identityName } = await manage.identities.get({ organization, id: identity })
        identities.push({ identityId: identity, identityName })
      }
      return identities
    },
  })
}

type One = Pick<Managing<'templateId'>, 'manage' | 'organization' | 'params'>

function keyOf({ organization, params }: One) {
  return { organization, id: params.templateId }
}

function find(call: One): Promise<AuthTemplate> {
  return call.manage.authTemplates.get(keyOf(call))
}

function methodSchema(templated: readonly TemplateMethod[]): z.ZodType<string> {
  const names = templated.map(({ method }) => method)
  return z.enum(names, `must be ${names.join(' or ')}`)
}

function allFields(templated: readonly TemplateMethod[]): WireMapping['policy'] {
  return Object.assign({}, ...templated.map(({ fields }) => fields))
}

/** A template of a method that this engine was built without is not there on this wire. */
function fieldsOf(templated: readonly TemplateMethod[], method: string): WireMapping['policy'] {
  const found = templated.find((one) => one.method === method)
  if (found === undefined) throw missing('auth template')
  return found.fields
}
