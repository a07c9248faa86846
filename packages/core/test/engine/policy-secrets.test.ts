import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Verifier } from '../../src/plugin.ts'
import { Rejection } from '../../src/plugin.ts'
import { anEngine, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { HOME } from '../support/workload.ts'

interface ClusterPolicy {
  readonly host: string
  readonly reviewer?: { readonly token: string; readonly note?: string | undefined } | undefined
  readonly pin?: string | undefined
  readonly words?: readonly string[] | undefined
}

/** Lets in whoever says what the policy keeps secret. */
const cluster: Verifier<'cluster', ClusterPolicy, { readonly word: string }> = {
  method: 'cluster',
  secrets: ['reviewer.token', 'pin'],
  destinations: ['host', 'words'],
  policy: z.strictObject({
    host: z.string(),
    reviewer: z.strictObject({ token: z.string().min(12), note: z.string().optional() }).optional(),
    pin: z.string().optional(),
    words: z.array(z.string()).optional(),
  }),
  credential: z.strictObject({ word: z.string() }),
  verify: ({ word }, { policy }) =>
    policy.reviewer?.token === word ? { subject: word, claims: {} } : new Rejection('wrong_word'),
}

const SECRET = 'reviewer token of the cluster'
const policy = { host: 'a', reviewer: { token: SECRET, note: 'n' } }
const shown = { host: 'a', reviewer: { token: '[sealed]', note: 'n' } }

async function aCluster() {
  const engine = anEngine({ verifiers: [cluster] })
  engine.canaries.add(SECRET)
  await engine.host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity, authMethod } = await engine.host.identities.create({
    organization: 'acme',
    name: 'pod',
    authMethod: { method: 'cluster', policy },
  })
  const key = { organization: 'acme', identity: identity.id, method: 'cluster' } as const
  const login = (word = SECRET, { countersign } = engine) =>
    countersign.login({ method: 'cluster', identity: identity.id, credential: { word } }, HOME)
  return {
    ...engine,
    engine,
    identity,
    authMethod,
    key,
    login,
    stored: () => engine.storage.authMethods.find('acme', identity.id, 'cluster'),
  }
}

describe('a secret in a policy', () => {
  test('is opened for the verifier alone', async () => {
    const { login } = await aCluster()
    await expect(login()).resolves.toMatchObject({ tokenType: 'Bearer' })
    await expect(login('another')).rejects.toMatchObject({ reason: 'wrong_word' })
  })

  test('shows in no answer, no event and no record', async () => {
    const { host, key, authMethod, stored, recorded } = await aCluster()
    const { items } = await host.authMethods.list({ organization: 'acme', identity: key.identity })
    const updated = await host.authMethods.update({ ...key, lockout: 'off' })
    for (const answer of [authMethod, await host.authMethods.get(key), updated, ...items])
      expect(answer?.policy).toEqual(shown)
    const everything = JSON.stringify([await stored(), await recorded()])
    expect(everything).not.toContain(SECRET)
    expect((await stored())?.policy).toMatchObject({
      reviewer: { token: { sealed: expect.stringMatching(/^v1\./) } },
    })
  })

  test('stays as it is where what was read is handed back, and is replaced by another', async () => {
    const { host, key, login } = await aCluster()
    const noted = { ...shown, reviewer: { ...shown.reviewer, note: 'another' } }
    await host.authMethods.update({ ...key, policy: noted })
    await login()
    expect((await host.authMethods.get(key)).policy).toEqual(noted)
    await host.authMethods.update({
      ...key,
      policy: { host: 'b', reviewer: { token: 'another secret of it' } },
    })
    await expect(login()).rejects.toMatchObject({ code: 'invalid_credential' })
    await login('another secret of it')
  })

  test.each([
    ['another host', { host: 'b' }, 'host'],
    ['no host', { host: undefined }, 'host'],
    ['a host that is none', { host: Symbol('b') }, 'host'],
    ['a list where none was', { words: ['a'] }, 'words'],
  ])('must be given again where %s would see it', async (_what, change, member) => {
    const { host, key, stored } = await aCluster()
    const before = await stored()
    const moved = host.authMethods.update({ ...key, policy: { ...shown, ...change } as never })
    await expect(moved).rejects.toMatchObject({
      code: 'invalid_request',
      message: `policy.reviewer.token must be given again, since policy.${member} changes`,
    })
    expect(await stored()).toEqual(before)
    const whole = { ...policy, host: 'b', words: ['a'] }
    await host.authMethods.update({ ...key, policy: whole })
    const kept = { ...whole, reviewer: shown.reviewer }
    await expect(host.authMethods.update({ ...key, policy: kept })).resolves.toBeDefined()
  })

  test('is checked by the schema before it is sealed', async () => {
    const { host, key } = await aCluster()
    const short = host.authMethods.update({
      ...key,
      policy: { host: 'a', reviewer: { token: 'short' } },
    })
    await expect(short).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('cannot be left standing where none stands', async () => {
    const { host, key } = await aCluster()
    const pinned = host.authMethods.update({ ...key, policy: { ...shown, pin: '[sealed]' } })
    await expect(pinned).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'policy.pin must be the secret itself',
    })
  })

  test('opens nowhere else: not in another place, another method or another organization', async () => {
    const { storage, stored, login } = await aCluster()
    const method = await stored()
    if (method === undefined) throw new Error('There is no such method')
    const { reviewer } = method.policy as { readonly reviewer: { readonly token: unknown } }
    const moved = {
      ...method,
      policy: { host: 'a', pin: reviewer.token },
      revision: method.revision + 1,
    }
    await storage.authMethods.replace(moved, [])
    await expect(login()).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('is opened by an older root key, and unavailable without it', async () => {
    const { engine, login } = await aCluster()
    const rotated = anEngine({
      beside: engine,
      verifiers: [cluster],
      rootKeys: [OTHER_ROOT_KEY, ROOT_KEY],
    })
    await expect(login(SECRET, rotated)).resolves.toBeDefined()
    const without = anEngine({ beside: engine, verifiers: [cluster], rootKeys: [OTHER_ROOT_KEY] })
    const error = await login(SECRET, without).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(String(Reflect.get(error as object, 'cause'))).toMatch(/cannot be opened/)
  })
})
