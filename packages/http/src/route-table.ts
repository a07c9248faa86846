import type { Route } from './routes.ts'
import { routes } from './routes.ts'

/** Routes by their exact path. */
export interface RouteTable {
  readonly table: ReadonlyMap<string, readonly Route[]>
  readonly rootPaths: readonly string[]
}

/**
 * Spells out every path that is ours: with and without one trailing slash, and in no other way. The document of an
 * issuer that has a path lies behind its well-known name as well (RFC 8414 section 3.1).
 */
export function routeTable(issuer: string, prefix: string): RouteTable {
  if (prefix !== '' && !PREFIX.test(prefix))
    throw new TypeError('prefix must begin with a slash and end without one')
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '')
  const atRoot = (route: Route): readonly string[] =>
    route.wellKnown ? [route.path + issuerPath] : []
  const table = new Map<string, Route[]>()
  for (const route of routes)
    for (const path of new Set([prefix + route.path, ...atRoot(route)]))
      for (const spelling of [path, `${path}/`])
        table.set(spelling, [...(table.get(spelling) ?? []), route])
  return { table, rootPaths: routes.flatMap(atRoot) }
}

const PREFIX = /^(?:\/[A-Za-z0-9._~-]+)+$/
