import { CountersignError } from '@countersign/core'
import { aRoot } from '@countersign/testkit/openssl'
import { expect, test } from 'vitest'
import { agreeing, differing } from './support/second-opinion.ts'
import { NOW } from './support/world.ts'

const refused = (reason: string) =>
  Promise.reject(new CountersignError('invalid_credential', 'No', { reason }))

test('a second opinion is heard: openssl contradicts a verifier that is wrong either way', async () => {
  const root = await aRoot()
  const policy = { ca: root.cert, commonNames: ['admin'] }
  const good = await root.issue()
  const old = await root.issue({ to: '20260301115959Z' })
  const opinion = (attempt: Promise<unknown>, leaf: typeof good) =>
    agreeing(attempt, { policy, now: NOW, chain: [leaf] })
  await expect(opinion(Promise.resolve('in'), good)).resolves.toBe('in')
  await expect(opinion(Promise.resolve('in'), old)).rejects.toThrow(/holds: true/)
  await expect(opinion(refused('certificate_expired'), old)).rejects.toMatchObject({
    reason: 'certificate_expired',
  })
  await expect(opinion(refused('certificate_expired'), good)).rejects.toThrow(/holds: false/)
  await expect(opinion(refused('common_name_not_allowed'), old)).rejects.toThrow(/holds: true/)
}, 30_000)

test('a declared exception that is none is found', async () => {
  const root = await aRoot()
  const policy = { ca: root.cert, commonNames: ['admin'] }
  const attempt = Promise.resolve('in')
  const shown = { policy, now: NOW, chain: [await root.issue()] } as const
  const claimed = differing('it is no exception', attempt, shown)
  await expect(claimed).rejects.toThrow(/it is no exception/)
}, 30_000)
