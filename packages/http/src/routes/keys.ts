import * as z from 'zod'
import type { Route } from './route.ts'

/** How long anybody may keep what is public. */
export const PUBLIC = { 'cache-control': 'public, max-age=300' } as const

/** The public keys of the issuer. */
export const keyRoutes: readonly Route[] = [
  {
    id: 'list-keys',
    method: 'GET',
    path: '/.well-known/jwks.json',
    tag: 'Keys',
    summary: 'Publishes the keys that tokens are checked with.',
    access: 'open',
    wellKnown: true,
    answer: z.strictObject({ keys: z.array(z.looseObject({ kid: z.string().optional() })) }),
    run: async ({ engine }) => ({ value: { body: await engine.jwks(), headers: PUBLIC } }),
  },
]
