import type { BodyRules, Route } from '../routes/route.ts'
import { refusalsOf } from './errors.ts'
import type { Schemas } from './schemas.ts'

/** Writes one route. */
export function operationOf(route: Route, schemas: Schemas): object {
  const { id, tag, summary, body, answer, permission, deprecated } = route
  const parameters = parametersOf(route, schemas)
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(permission !== undefined && { description: `Needs the permission \`${permission}\`.` }),
    ...(deprecated && { deprecated }),
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyOf(body, route, schemas) }),
    responses: {
      200: {
        description: 'What was asked for.',
        headers: { 'x-request-id': { description: 'The id of the request.', schema: TEXT } },
        content: {
          'application/json': {
            schema: schemas.write(answer, 'output'),
            ...(route.example?.answer && { example: route.example.answer }),
          },
        },
      },
      ...refusalsOf(statusesOf(route), route.dialect),
    },
  }
}

const TEXT = { type: 'string' } as const

function securityOf({ access, dialect }: Route): readonly object[] {
  // A client's credentials may also come in the body.
  const asClient = dialect === 'oauth' ? [{ client: [] }] : []
  if (access === 'open') return dialect === 'oauth' ? [...asClient, {}] : []
  // A token of its own may also come in the body.
  return access === 'token' ? [{ bearer: [] }, ...asClient, {}] : [{ bearer: [] }]
}

function parametersOf({ path, query, repeats }: Route, schemas: Schemas): readonly object[] {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const inPath = names.map((name) => ({ name, in: 'path', required: true, schema: TEXT }))
  const asked = query === undefined ? {} : schemas.write(query, 'output')
  const { properties = {} } = asked as { readonly properties?: Readonly<Record<string, object>> }
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: requiredIn(query, name),
    schema,
  }))
  const key = { name: 'Idempotency-Key', in: 'header', required: false, schema: TEXT }
  return [...inPath, ...inQuery, ...(repeats === undefined ? [] : [key])]
}

/** What has a default, or may be left out, is not required of whoever asks. */
function requiredIn(query: Route['query'], name: string): boolean {
  const parsed = query?.safeParse({})
  return parsed?.error?.issues.some(({ path }) => path[0] === name) ?? false
}

function bodyOf({ schema, forms, optional }: BodyRules, route: Route, schemas: Schemas): object {
  const written = schemas.write(schema, 'input')
  const example = route.example?.body
  const content = { schema: written, ...(example && { example }) }
  return {
    required: !optional,
    content: {
      'application/json': content,
      ...(forms && { 'application/x-www-form-urlencoded': content }),
    },
  }
}

function statusesOf({ access, body, path, method, query, dialect }: Route): readonly number[] {
  const isManaged = access === 'principal'
  const takes = body !== undefined || query !== undefined
  return [
    ...(takes ? [400] : []),
    ...(isManaged || access === 'token' || method === 'POST' ? [401] : []),
    ...(isManaged ? [403] : []),
    ...(isManaged || path.includes(':') ? [404] : []),
    ...(isManaged && method !== 'GET' ? [409] : []),
    ...(body ? [413, 415] : []),
    ...(method === 'GET' ? [] : [425]),
    ...(access === 'token' && dialect !== 'oauth' ? [] : [429]),
    503,
  ]
}
