import { measuredByChild } from '../harness/child.ts'
import type { Contest } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'

/** What importing a library takes, each time in a new process. */
export async function contests(): Promise<readonly Contest[]> {
  const names = ['@countersign/core', 'better-auth', 'zod', 'jose', 'fast-jwt']
  return [
    {
      title: 'Import, processor time in a new process',
      unit: 'ms',
      contenders: names.map((name) => measuredByChild(name, 'import.js', [name])),
      goals: [atMost('G14', '@countersign/core', 'better-auth', 0.35)],
    },
  ]
}
