import type { Request } from 'express'

/** What the route of a secret takes from its path. */
export interface SecretParams {
  readonly project: string
  readonly environment: string
  readonly path: readonly string[]
}

/** Which secret a request is about: what the guard asks for is what the route reads. */
export interface SecretKey {
  readonly project: string
  readonly environment: string
  readonly path: string
}

/** Reads it. A path that is not canonical is nobody's to read: the engine says so. */
export function secretOf({ params }: Request<SecretParams>): SecretKey {
  const { project, environment, path } = params
  return { project, environment, path: `/${path.join('/')}` }
}
