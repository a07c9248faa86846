import * as z from 'zod'
import { openApiOf } from '../open-api/document.ts'
import { PUBLIC } from './keys.ts'
import type { Route } from './route.ts'

/** The document of these routes, generated once from their rows, this one among them. */
export function openApiRoute(others: readonly Route[]): Route {
  const route: Route = {
    id: 'get-openapi',
    method: 'GET',
    path: '/openapi.json',
    tag: 'Document',
    summary: 'Publishes this document.',
    access: 'open',
    answer: z.looseObject({ openapi: z.string() }),
    async run({ engine }) {
      document ??= openApiOf([...others, route], engine.issuer)
      return { value: { body: document, headers: PUBLIC } }
    },
  }
  let document: object | undefined
  return route
}
