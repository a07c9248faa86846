import { measuredByChild } from '../harness/child.ts'
import type { Contest, Effort } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'

/** What one remembered identity takes: its token, its login's standing, and all that finds them. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const entries = String(quick ? 500 : 40_000)
  const beyond = String(quick ? 500 : 100_000)
  const heap = (name: string, contender: string, count: string) =>
    measuredByChild(name, 'heap.js', [contender, count])
  return [
    {
      title: `Heap per remembered identity, ${entries} of them`,
      unit: 'bytes',
      mostRounds: 3,
      contenders: [
        heap('Map of token to claims', 'map', entries),
        heap('countersign', 'countersign', entries),
        heap('countersign, the token alone', 'tokens', entries),
        heap('countersign, per identity shown', 'countersign', beyond),
      ],
      goals: [atMost('G13', 'countersign', 'Map of token to claims', 0.6)],
    },
  ]
}
