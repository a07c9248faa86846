import type { Route } from '../routes/route.ts'
import { errorSchemas } from './errors.ts'
import { operationOf } from './operation.ts'
import type { Schemas } from './schemas.ts'
import { createSchemas } from './schemas.ts'

/** Writes the OpenAPI 3.1 document of routes: everything in it is said by their rows. */
export function openApiOf(routes: readonly Route[], issuer: string): object {
  const schemas = createSchemas()
  const paths = pathsOf(routes, schemas)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1',
      description:
        'Machine identities: logins, tokens, and their management by principals. Every managing call is bounded by what its caller holds.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: issuer }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token of a login, or a static token.',
        },
        client: {
          type: 'http',
          scheme: 'basic',
          description: 'The id of an identity and a client secret of it (RFC 6749).',
        },
      },
      schemas: { ...errorSchemas, ...schemas.named() },
    },
  }
}

function pathsOf(routes: readonly Route[], schemas: Schemas): object {
  const paths = new Map<string, Record<string, object>>()
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const operations = paths.get(path) ?? {}
    operations[route.method.toLowerCase()] = operationOf(route, schemas)
    paths.set(path, operations)
  }
  return Object.fromEntries(paths)
}
