import assert from 'node:assert/strict'
import type { Digest, StaticToken, StaticTokenUse } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import { seedOrganization, seedSecret, seedStaticToken, seedWorkload } from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

const NEW: Digest = { rootKey: 'newest', value: 'a digest under the newest key' }
const revocation = { at: at(1), reason: 'leaked', by: { kind: 'engine' } } as const

/** What the store of static tokens answers. */
export const staticTokenFindCases: readonly Case<StorageSubject>[] = [
  storageCase('staticTokens.findByDigest MUST answer what stands, in one read', async (world) => {
    const workload = await seedToken(world)
    const { token, digest, identity, authMethod } = workload
    const older = { rootKey: 'older', value: 'unknown under this key' }
    const standing = await world.storage.staticTokens.findByDigest([older, digest], at(0))
    assert.deepEqual(standing, { token, identity, authMethod, bound: [], storedUnder: 'newest' })
  }),
  storageCase(
    'staticTokens.findByDigest MUST never answer what stood before a change',
    async (world) => {
      const { storage } = world
      const { token, digest, ...workload } = await seedToken(world)
      const { organization, identity, authMethod } = workload
      const find = () => storage.staticTokens.findByDigest([digest], at(0))
      await find()
      const disabled = { ...identity, disabled: true, revision: 2 }
      await storage.identities.replace(disabled, [])
      assert.deepEqual((await find())?.identity, disabled)
      const other = { ...authMethod, policy: { selfRevoke: true }, revision: 2 }
      await storage.authMethods.replace(other, [])
      assert.deepEqual((await find())?.authMethod, other)
      await storage.staticTokens.revoke({ organization, id: token.id }, revocation, [])
      assert.deepEqual((await find())?.token.revoked, revocation)
      await storage.authMethods.remove([organization, identity.id, authMethod.method], [])
      assert.equal(await find(), undefined)
    },
  ),
  storageCase(
    'staticTokens.findByDigest MUST answer a token that opens nothing any more',
    async (world) => {
      const { token, digest } = await seedToken(world, { expiresAt: at(0), maxUses: 1, uses: 1 })
      const standing = await world.storage.staticTokens.findByDigest([digest], at(60))
      assert.deepEqual(standing?.token, token)
    },
  ),
  storageCase(
    'staticTokens.findByDigest MUST answer undefined where no digest names a static token',
    async (world) => {
      const { staticTokens } = world.storage
      const { digest } = await seedSecret(world, await seedToken(world))
      assert.equal(await staticTokens.findByDigest([], at(0)), undefined)
      assert.equal(await staticTokens.findByDigest([NEW], at(0)), undefined)
      assert.equal(await staticTokens.findByDigest([digest], at(0)), undefined)
    },
  ),
  storageCase(
    'staticTokens.findByDigest MUST NOT let the reader change what is stored',
    async (world) => {
      const { token, digest } = await seedToken(world, { trustedSources: ['192.0.2.0/24'] })
      tamper(await world.storage.staticTokens.findByDigest([digest], at(0)))
      const standing = await world.storage.staticTokens.findByDigest([digest], at(0))
      assert.deepEqual(standing?.token, token)
    },
  ),
]

/** What the store of static tokens counts and changes. */
export const staticTokenCases: readonly Case<StorageSubject>[] = [
  storageCase('staticTokens.use MUST count a use up to `maxUses` and not beyond', async (world) => {
    const { token } = await seedToken(world, { maxUses: 2 })
    const events = [1, 2, 3].map(() => world.records.event())
    const answers: unknown[] = []
    for (const [index, event] of events.entries())
      answers.push(await world.storage.staticTokens.use(useOf(token), at(index), [event]))
    assert.deepEqual(answers, [undefined, undefined, 'token_exhausted'])
    const counted = { ...token, uses: 2, firstUsedAt: at(0), lastUsedAt: at(1) }
    assert.deepEqual(await storedOf(world, token), counted)
    const written = events.slice(0, 2).map(({ id }) => id)
    assert.deepEqual(await world.eventIds(), written)
  }),
  storageCase(
    'staticTokens.use MUST answer the reason where the token is revoked or expired at `now`',
    async (world) => {
      const { staticTokens } = world.storage
      const { token } = await seedToken(world, { maxUses: 9, expiresAt: at(60) })
      const { organization, id } = token
      const event = world.records.event()
      assert.equal(await staticTokens.use(useOf(token), at(60), [event]), 'token_expired')
      await staticTokens.revoke({ organization, id }, revocation, [])
      assert.equal(await staticTokens.use(useOf(token), at(0), [event]), 'token_revoked')
      assert.equal((await storedOf(world, token))?.uses, 0)
      await staticTokens.remove({ organization, id }, [])
      assert.equal(await staticTokens.use(useOf(token), at(0), [event]), 'token_revoked')
      assert.deepEqual(await world.eventIds(), [])
    },
  ),
  storageCase(
    'staticTokens.use MUST check a token without `maxUses` and not count it',
    async (world) => {
      const { token } = await seedToken(world, { expiresAt: at(60) })
      assert.equal(await world.storage.staticTokens.use(useOf(token), at(59), []), undefined)
      assert.equal(await world.storage.staticTokens.use(useOf(token), at(60), []), 'token_expired')
      assert.deepEqual(await storedOf(world, token), token)
    },
  ),
  storageCase(
    'staticTokens.use MUST count no more than `maxUses`, however many use it at once',
    async (world) => {
      const { token } = await seedToken(world, { maxUses: 7 })
      const answers = await race(world.racers, () =>
        world.storage.staticTokens.use(useOf(token), at(0), [world.records.event()]),
      )
      assert.equal(answers.filter((refusal) => refusal === undefined).length, 7)
      assert.equal((await storedOf(world, token))?.uses, 7)
      assert.equal((await world.eventIds()).length, 7)
    },
  ),
  storageCase('staticTokens.use MUST NOT use what another organization has', async (world) => {
    const { token } = await seedToken(world, { maxUses: 1 })
    const { id: organization } = await seedOrganization(world)
    const use = { ...useOf(token), organization, redigest: NEW }
    assert.equal(await world.storage.staticTokens.use(use, at(0), []), 'token_revoked')
    assert.deepEqual(await storedOf(world, token), token)
  }),
  storageCase(
    'staticTokens.use MUST replace the digest where a new one is given, unless another credential has it',
    async (world) => {
      const { staticTokens } = world.storage
      const { token, digest, ...workload } = await seedToken(world, {}, 'older')
      const { digest: taken } = await seedSecret(world, workload)
      const find = async (by: Digest) => (await staticTokens.findByDigest([by], at(0)))?.storedUnder
      await staticTokens.use({ ...useOf(token), redigest: taken }, at(0), []).catch(() => undefined)
      assert.deepEqual([await find(digest), await find(taken)], ['older', undefined])
      assert.equal(await staticTokens.use({ ...useOf(token), redigest: NEW }, at(0), []), undefined)
      assert.deepEqual([await find(digest), await find(NEW)], [undefined, 'newest'])
    },
  ),
  storageCase(
    'staticTokens.rename MUST change the name alone, and answer undefined for a token that is not there',
    async (world) => {
      const { staticTokens } = world.storage
      const { token, digest } = await seedToken(world, { maxUses: 2 })
      const { organization, id } = token
      const event = world.records.event('static_token.updated')
      const renamed = { ...token, name: 'deploy' }
      const answer = await staticTokens.rename({ organization, id }, 'deploy', [event])
      assert.deepEqual([answer, await storedOf(world, token)], [renamed, renamed])
      assert.equal((await staticTokens.findByDigest([digest], at(0)))?.token.name, 'deploy')
      const { id: foreign } = await seedOrganization(world)
      for (const key of [
        { organization: foreign, id },
        { organization, id: 'stk_gone' },
      ])
        assert.equal(await staticTokens.rename(key, 'x', [world.records.event()]), undefined)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase(
    'staticTokens.revokeAll MUST revoke every token of the identity that is not revoked yet, and answer how many',
    async (world) => {
      const { staticTokens, clientSecrets } = world.storage
      const { token, digest: _, ...workload } = await seedToken(world)
      const { organization, identity } = workload
      const { token: ended } = await seedStaticToken(world, workload)
      await staticTokens.revoke({ organization, id: ended.id }, revocation, [])
      const { secret } = await seedSecret(world, workload)
      const { token: other } = await seedToken(world)
      const [event, late] = [world.records.event(), world.records.event()]
      const all = { ...revocation, reason: 'all' }
      const filter = { organization, identity: identity.id }
      assert.equal(await staticTokens.revokeAll(filter, all, [event]), 1)
      assert.deepEqual((await storedOf(world, token))?.revoked, all)
      assert.deepEqual((await storedOf(world, ended))?.revoked, revocation)
      assert.deepEqual(await storedOf(world, other), other)
      assert.deepEqual(await clientSecrets.find(organization, secret.id), secret)
      assert.equal(await staticTokens.revokeAll(filter, all, [late]), 0)
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
]

interface SeededToken extends Workload {
  readonly token: StaticToken
  readonly digest: Digest
}

async function seedToken(
  world: World,
  given: Partial<StaticToken> = {},
  rootKey?: string,
): Promise<SeededToken> {
  const workload = await seedWorkload(world, { authMethod: { method: 'token' } })
  return { ...workload, ...(await seedStaticToken(world, workload, given, rootKey)) }
}

function useOf({ organization, id }: StaticToken): StaticTokenUse {
  return { organization, id }
}

function storedOf({ storage }: World, { organization, id }: StaticToken) {
  return storage.staticTokens.find(organization, id)
}
