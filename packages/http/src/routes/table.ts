import type { HandlerEngine } from '../engine.ts'
import { keyRoutes } from './keys.ts'
import { loginRoutes } from './logins.ts'
import type { Route } from './route.ts'
import { tokenRoutes } from './tokens.ts'

/** The wire, as data: everything that an engine can do, by the names that existing clients know. */
export function routesOf({ methods }: Pick<HandlerEngine, 'methods'>): readonly Route[] {
  return [...loginRoutes(methods), ...tokenRoutes(methods), ...keyRoutes]
}
