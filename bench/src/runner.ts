import type { Contest, Effort } from './harness/contest.ts'
import { runContest } from './harness/contest.ts'
import { outcomeOf } from './harness/outcome.ts'

/** The groups, each in a process of its own: `pnpm bench <group>`. */
const groups: Readonly<Record<string, () => Promise<Group>>> = {
  hot: () => import('./groups/hot.ts'),
  opaque: () => import('./groups/opaque.ts'),
  'first-sight': () => import('./groups/first-sight.ts'),
  isolation: () => import('./groups/isolation.ts'),
  secret: () => import('./groups/secret.ts'),
  login: () => import('./groups/login.ts'),
  can: () => import('./groups/can.ts'),
  permissions: () => import('./groups/permissions.ts'),
  addresses: () => import('./groups/addresses.ts'),
  reject: () => import('./groups/reject.ts'),
  heap: () => import('./groups/heap.ts'),
  import: () => import('./groups/import.ts'),
  redis: () => import('./groups/redis.ts'),
  'api-keys': () => import('./groups/api-keys.ts'),
  'postgres-login': () => import('./groups/postgres-login.ts'),
  'postgres-tokens': () => import('./groups/postgres-tokens.ts'),
  'postgres-adapter': () => import('./groups/postgres-adapter.ts'),
  middleware: () => import('./groups/middleware.ts'),
  nodes: () => import('./groups/nodes.ts'),
  'federated-login': () => import('./groups/federated-login.ts'),
  'cloud-logins': () => import('./groups/cloud-logins.ts'),
}

interface Group {
  readonly contests: (effort: Effort) => Promise<readonly Contest[]>
}

const [name = '', effort = '{}'] = process.argv.slice(2)
const asked: Effort = JSON.parse(effort)
const group = await groups[name]?.()
if (group === undefined) throw new Error(`There is no group ${name}`)
for (const contest of await group.contests(asked))
  process.send?.(outcomeOf(contest, await runContest(contest, asked)))
process.disconnect?.()
