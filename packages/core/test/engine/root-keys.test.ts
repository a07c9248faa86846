import { describe, expect, test } from 'vitest'
import { rootKeyOf } from '../../src/engine/stored-keys.ts'
import { days } from '../../src/lib/time.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { aBearer } from '../support/static-token.ts'
import { aWorkload, HOME, loginAs } from '../support/workload.ts'

const statusOf = ({ countersign }: Pick<TestEngine, 'countersign'>) =>
  countersign.asHost('test').rootKeys.status()

/** What depends on each root key: client secrets, static tokens, signing keys; those of nothing left out. */
async function dependants(engine: Pick<TestEngine, 'countersign'>) {
  const status = await statusOf(engine)
  const counted = status.map(({ newest, clientSecrets, staticTokens, signingKeys }) => [
    newest ? 'newest' : 'older',
    [clientSecrets, staticTokens, signingKeys],
  ])
  return Object.fromEntries(counted) as Readonly<Record<string, readonly number[]>>
}

/** A deployment on one root key, and its next nodes: on both, and on the new one alone. */
async function aDeployment() {
  const first = anEngine({ rootKeys: [ROOT_KEY] })
  const workload = await aWorkload({ engine: first })
  const bearer = await aBearer({ engine: first })
  await first.countersign.ready()
  const [status] = await statusOf(first)
  const oldId = status?.rootKey ?? ''
  const both = anEngine({ beside: first, rootKeys: [OTHER_ROOT_KEY, ROOT_KEY] })
  const alone = (retired: readonly string[] = []) =>
    anEngine({ beside: first, rootKeys: [OTHER_ROOT_KEY], retiredRootKeys: retired })
  const login = (node: TestEngine, clientSecret = workload.secret.clientSecret) =>
    loginAs(node, workload.identity.id, clientSecret)
  return { first, workload, bearer, oldId, both, alone, login }
}

describe('KEY-003 a new root key', () => {
  test('finds what the old one made, and makes what is new', async () => {
    const { both, first, workload, bearer, login } = await aDeployment()
    const made = await both.host.clientSecrets.create({
      organization: 'acme',
      identity: workload.identity.id,
    })
    const { staticToken } = bearer.token
    await expect(login(both)).resolves.toBeDefined()
    await expect(both.countersign.authenticate(staticToken, HOME)).resolves.toBeDefined()
    await expect(login(both, made.clientSecret)).resolves.toBeDefined()
    // A node that has only the old key cannot find it: give all nodes both keys first.
    await expect(login(first, made.clientSecret)).rejects.toMatchObject({
      code: 'invalid_credential',
    })
  })

  test('takes over what is used: client secrets, static tokens and exchanges', async () => {
    const { both, bearer, login } = await aDeployment()
    await bearer.another({ name: 'limited', maxUses: 5 })
    const exchanged = await bearer.another({ name: 'exchanged' })
    expect(await dependants(both)).toEqual({ newest: [0, 0, 0], older: [1, 3, 1] })
    await login(both)
    expect(await dependants(both)).toEqual({ newest: [1, 0, 0], older: [0, 3, 1] })
    for (let count = 0; count < 3; count += 1)
      await both.countersign.authenticate(bearer.token.staticToken, HOME)
    expect(both.calls.count('staticTokens.use')).toBe(1)
    const credential = { staticToken: exchanged.staticToken }
    await both.countersign.login({ method: 'token', credential }, HOME)
    expect(await dependants(both)).toEqual({ newest: [1, 2, 0], older: [0, 1, 1] })
    await login(both)
    await expect(
      both.countersign.authenticate(bearer.token.staticToken, HOME),
    ).resolves.toBeDefined()
  })

  test('counts the use that takes a limited credential over', async () => {
    const { both, bearer } = await aDeployment()
    const { organization, id, staticToken } = await bearer.another({ maxUses: 2 })
    await both.countersign.authenticate(staticToken, HOME)
    await both.countersign.authenticate(staticToken, HOME)
    expect(await both.countersign.tryAuthenticate(staticToken, HOME)).toMatchObject({
      reason: 'token_exhausted',
    })
    expect((await both.host.staticTokens.get({ organization, id })).uses).toBe(2)
  })

  test('seals the signing keys in maintain(), and they sign on', async () => {
    const { both, first, oldId, login } = await aDeployment()
    const { accessToken } = await login(first)
    await both.countersign.maintain()
    const sealedBy = (await both.storage.keys.list()).keys.map(({ sealed }) => rootKeyOf(sealed))
    expect(sealedBy).not.toContain(oldId)
    await expect(both.countersign.authenticate(accessToken, HOME)).resolves.toBeDefined()
    expect(await dependants(both)).toMatchObject({ newest: [0, 0, 1], older: [1, 1, 0] })
  })

  test('lets the old one go when nothing depends on it any more', async () => {
    const { both, alone, login, bearer, oldId } = await aDeployment()
    await login(both)
    await both.countersign.authenticate(bearer.token.staticToken, HOME)
    await both.countersign.maintain()
    const node = alone()
    await node.countersign.ready()
    await expect(login(node)).resolves.toBeDefined()
    await expect(
      node.countersign.authenticate(bearer.token.staticToken, HOME),
    ).resolves.toBeDefined()
    expect((await statusOf(node)).map(({ rootKey }) => rootKey)).not.toContain(oldId)
  })
})

describe('KEY-003 a root key that is gone', () => {
  test('is refused by ready() while something depends on it, by name and count', async () => {
    const { alone, oldId, bearer } = await aDeployment()
    const node = alone()
    await expect(node.countersign.ready()).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(`${oldId}, on which 1 client secrets, 1 static tokens and 1`),
    })
    const status = await statusOf(node)
    expect(status.find(({ rootKey }) => rootKey === oldId)).toMatchObject({ present: false })
    expect((await bearer.host.staticTokens.get(bearer.key)).ended).toBeUndefined()
  })

  test('opens nothing, with or without ready()', async () => {
    const { alone, both, login, bearer } = await aDeployment()
    await both.countersign.maintain()
    const node = alone()
    await expect(login(node)).rejects.toMatchObject({ code: 'invalid_credential' })
    const answer = await node.countersign.tryAuthenticate(bearer.token.staticToken, HOME)
    expect(answer).toMatchObject({ code: 'invalid_token', reason: 'unknown_token' })
  })

  test('is retired where it is named: what depends on it is revoked with that reason', async () => {
    const { first, both, alone, oldId, login, bearer, workload } = await aDeployment()
    const { accessToken } = await login(first)
    const exchanged = await bearer.exchange()
    await both.countersign.maintain()
    const node = alone([oldId])
    await node.countersign.ready()
    const { organization, id } = workload.secret
    expect(await node.host.clientSecrets.get({ organization, id })).toMatchObject({
      ended: 'secret_revoked',
      revoked: { reason: 'root_key_retired', by: { kind: 'engine' } },
    })
    expect(await node.host.staticTokens.get(bearer.key)).toMatchObject({
      ended: 'token_revoked',
      revoked: { reason: 'root_key_retired' },
    })
    for (const token of [accessToken, exchanged.accessToken])
      expect(await node.countersign.tryAuthenticate(token, HOME)).toMatchObject({
        reason: 'token_revoked',
      })
    const events = (await node.recorded()).filter(({ type }) => type === 'root_key.retired')
    expect(events).toMatchObject([{ target: { kind: 'root_key', id: oldId } }])
    await node.countersign.ready()
    expect((await node.recorded()).filter(({ type }) => type === 'root_key.retired')).toHaveLength(
      1,
    )
  })

  test('takes the signing keys that it sealed with it, and a new one signs', async () => {
    const { first, alone, oldId, login, workload } = await aDeployment()
    const { accessToken } = await login(first)
    const node = alone([oldId])
    await node.countersign.ready()
    expect(await node.countersign.tryAuthenticate(accessToken, HOME)).toMatchObject({
      reason: 'unknown_key',
    })
    const { clientSecret } = await node.host.clientSecrets.create({
      organization: 'acme',
      identity: workload.identity.id,
    })
    await expect(login(node, clientSecret)).resolves.toBeDefined()
  })

  test('is not missed by what ended', async () => {
    const { first, both, alone, oldId, bearer, workload } = await aDeployment()
    const { organization, id } = workload.secret
    await first.host.clientSecrets.revoke({ organization, id })
    await both.countersign.maintain()
    bearer.clock.advance(days(30))
    await alone().countersign.ready()
    expect((await statusOf(both)).find(({ rootKey }) => rootKey === oldId)).toMatchObject({
      clientSecrets: 0,
      staticTokens: 0,
    })
  })
})

describe('KEY-009 root keys', () => {
  test.each([
    [[''], /rootKeys\[0\]/],
    [['secret'], /rootKeys\[0\]/],
    [['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'], /placeholder/],
    [['q1Zr8TfX0aKcW3uYv7mB5Q'], /exactly 32 bytes/],
    [[ROOT_KEY, 'changeme'], /rootKeys\[1\]/],
    [[undefined], /rootKeys\[0\]/],
    [[], /at least one key/],
    [[ROOT_KEY, OTHER_ROOT_KEY, ROOT_KEY, OTHER_ROOT_KEY], /at most 3 keys/],
  ] as const)('%j are refused where the engine is built, and not repeated', (rootKeys, message) => {
    const build = () => anEngine({ rootKeys })
    expect(build).toThrow(message)
    for (const key of rootKeys)
      if (key) expect(build).not.toThrow(new RegExp(key.replace(/[^\w]/g, '.')))
  })
})
