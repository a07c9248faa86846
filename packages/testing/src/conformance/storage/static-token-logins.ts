import assert from 'node:assert/strict'
import type { Case } from '../case.ts'
import { at } from './records.ts'
import { grantOf, loginQueryOf, seedSecret, seedStaticToken, seedWorkload } from './seed.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** How static tokens open logins. */
export const staticTokenLoginCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.find MUST answer the identity that the credential belongs to, where none is given',
    async (world) => {
      const workload = await seedWorkload(world, { authMethod: { method: 'token' } })
      const { token, digest } = await seedStaticToken(world, workload)
      const { identity: _, ...query } = loginQueryOf(workload, { digests: [digest] })
      const state = await world.storage.logins.find(query, at(0))
      assert.deepEqual(
        [state?.identity, state?.authMethod, state?.stored],
        [workload.identity, workload.authMethod, token],
      )
    },
  ),
  storageCase(
    'logins.find MUST answer undefined without an identity where no credential of this method is named',
    async (world) => {
      const { logins } = world.storage
      const workload = await seedWorkload(world, { authMethod: { method: 'token' } })
      const { digest } = await seedStaticToken(world, workload)
      const secret = await seedSecret(world, await seedWorkload(world))
      const { identity: _, ...query } = loginQueryOf(workload)
      const unknown = { rootKey: 'newest', value: 'unknown' }
      for (const digests of [[], [unknown], [secret.digest]])
        assert.equal(await logins.find({ ...query, digests }, at(0)), undefined)
      const other = { ...query, method: 'universal', digests: [digest] }
      assert.equal(await logins.find(other, at(0)), undefined)
    },
  ),
  storageCase('logins.grant MUST count a use of a static token, up to `maxUses`', async (world) => {
    const { logins, staticTokens } = world.storage
    const workload = await seedWorkload(world, { authMethod: { method: 'token' } })
    const { token } = await seedStaticToken(world, workload, { maxUses: 2 })
    const grant = grantOf(workload, { charges: [{ kind: 'use', credential: token.id }] })
    const answers: unknown[] = []
    for (const second of [1, 2, 3]) answers.push(await logins.grant(grant, at(second), []))
    assert.deepEqual(answers, [undefined, undefined, 'token_exhausted'])
    const counted = { ...token, uses: 2, firstUsedAt: at(1), lastUsedAt: at(2) }
    assert.deepEqual(await staticTokens.find(workload.organization, token.id), counted)
    const use = { organization: workload.organization, id: token.id }
    assert.equal(await staticTokens.use(use, at(4), []), 'token_exhausted')
  }),
]
