import { addRoute, createRouter, findRoute } from 'rou3'
import type { Route } from './routes/route.ts'

/** The routes of one path, and what its variable parts say. */
export interface Found {
  readonly routes: readonly Route[]
  readonly params: Readonly<Record<string, string>>
}

/** Finds routes by the raw path of a request. */
export interface Router {
  find(path: string): Found | undefined
  readonly rootPaths: readonly string[]
}

/**
 * Takes every path that is ours: with and without one trailing slash, and in no other spelling; only an id may come
 * percent-encoded. The document of an issuer that has a path lies behind its well-known name as well (RFC 8414 section 3.1).
 */
export function routerOf(routes: readonly Route[], issuer: string, prefix: string): Router {
  if (prefix !== '' && !PREFIX.test(prefix))
    throw new TypeError('prefix must begin with a slash and end without one')
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '')
  const atRoot = (route: Route): readonly string[] =>
    route.wellKnown ? [route.path + issuerPath] : []
  const byPath = new Map<string, Route[]>()
  for (const route of routes)
    for (const path of new Set([prefix + route.path, ...atRoot(route)]))
      byPath.set(path, [...(byPath.get(path) ?? []), route])
  const router = createRouter<readonly Route[]>()
  for (const [path, found] of byPath) addRoute(router, ANY, path, found)
  return {
    find(path) {
      const found = findRoute(router, ANY, path)
      const params = found && readParams(found.params ?? {})
      return params && { routes: found.data, params }
    },
    rootPaths: routes.flatMap(atRoot),
  }
}

const PREFIX = /^(?:\/[A-Za-z0-9._~-]+)+$/

/** Routes are found by their paths alone: another method on one of them is told apart from a path that is nobody's. */
const ANY = ''

/** The characters of ids (rules 1), those of them that clients encode in either spelling. */
const SEGMENT = /^(?:[A-Za-z0-9_.:@~-]|%3[Aa]|%40|%7[Ee])+$/

function readParams(
  params: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(params)
  if (!entries.every(([, value]) => SEGMENT.test(value) && !/^\.+$/.test(value))) return undefined
  return Object.fromEntries(entries.map(([name, value]) => [name, decodeURIComponent(value)]))
}
