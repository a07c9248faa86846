import { createFreshTexts } from '../harness/fresh.ts'
import { createMapCheck } from '../peers/raw.ts'
import type { Bench } from '../workload/engine.ts'
import { createBench, logEverybodyIn, logIn, SOURCE } from '../workload/engine.ts'

const [contender, count] = process.argv.slice(2)

const { countersign, fresh } = await prepare()
const before = await heapUsed()
const held = await remember()
const after = await heapUsed()
process.send?.((after - before) / Number(count))
process.disconnect?.()
held.push('kept until here')

/** HS256, because so many signatures of another kind take minutes; what is remembered is the same. */
async function prepare() {
  const bench = await createBench({
    accounts: contender === 'tokens' ? 1 : Number(count),
    algorithm: 'HS256',
  })
  const tokens = contender === 'tokens' ? await renewals(bench) : await logEverybodyIn(bench)
  return { countersign: bench.countersign, fresh: createFreshTexts(tokens) }
}

/** Lets the contender see every token once; what it remembers by itself is answered. */
async function remember(): Promise<unknown[]> {
  if (contender === 'map') return [createMapCheck(fresh.next(Number(count)))]
  for (let shown = 0; shown < Number(count); shown += 1)
    for (const token of fresh.next(1)) await countersign.authenticate(token, SOURCE)
  return []
}

async function renewals({ countersign, identities }: Bench): Promise<string[]> {
  const [account = { organization: '', identity: '', clientSecret: '' }] = identities
  const first = await logIn(countersign, account)
  const renewed: string[] = []
  while (renewed.length < Number(count))
    renewed.push((await countersign.renew(first, SOURCE)).accessToken)
  return renewed
}

/** Bytes that are in use, buffers outside of the heap included, when all garbage is gone. */
async function heapUsed(): Promise<number> {
  for (let pass = 0; pass < 4; pass += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage()
  return heap + arrayBuffers
}
