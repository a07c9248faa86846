import type { BuiltInMethods, Countersign, MethodsOf } from '@countersign/core'
import type { Verifiers } from './verifiers.ts'

/** What this backend protects, in its own words. */
export const resources = {
  secret: {
    scope: 'project',
    actions: ['read', 'write'],
    attributes: { environment: 'text', path: 'path' },
  },
  invoice: { scope: 'organization', actions: ['read', 'approve'] },
} as const

/** Its own roles, beside the built-in ones. */
export const roles = {
  deployer: {
    scope: 'project',
    rules: [{ allow: ['secret:read'], where: { environment: 'prod', path: { glob: '/apps/**' } } }],
  },
  billing: { scope: 'organization', rules: [{ allow: ['invoice:*'] }] },
} as const

/** The engine, in these words. */
export type Engine = Countersign<
  BuiltInMethods & MethodsOf<Verifiers>,
  typeof resources,
  keyof typeof roles
>
