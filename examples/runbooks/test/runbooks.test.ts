import { readdir, readFile } from 'node:fs/promises'
import { memoryStorage } from '@countersign/core'
import { createCountersignWith, systemRuntime } from '@countersign/core/runtime'
import { expect, test } from 'vitest'
import { correctNow, driftOf } from '../src/clock-drift.ts'
import { newestRootKey, startWithout } from '../src/leaked-root-key.ts'
import { endLeakedSecret, whatItDid } from '../src/leaked-secret.ts'
import { letIn, whoIsLocked } from '../src/lockout-storm.ts'
import { aDeployment, aKey, aWorkload, FOREIGN, HOME, ISSUER, outcomeOf } from './support.ts'

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

test('runbooks.md shows the code of this folder, letter by letter', async () => {
  const page = await read('../../../docs/operations/runbooks.md')
  const shown = [...page.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)]
  const files = await readdir(new URL('../src', import.meta.url))
  expect(shown.map(([, name]) => name).sort()).toEqual(files.sort())
  for (const [, name, code] of shown) expect(code).toBe(await read(`../src/${name}`))
})

test('Leaked client secret: the thief is out, the workload goes on, and the trail tells both apart', async () => {
  const { countersign, begun } = aDeployment()
  const workload = await aWorkload(countersign)
  const { organization, identity, secret } = workload
  const own = await workload.login()
  const stolen = await workload.login(secret.clientSecret, FOREIGN)
  const successor = await endLeakedSecret(countersign, organization, secret.id)
  for (const token of [own, stolen])
    expect(await outcomeOf(countersign.authenticate(token, HOME))).toBe('invalid_token')
  expect(await outcomeOf(workload.login())).toBe('invalid_credential')
  await countersign.authenticate(await workload.login(successor), HOME)
  await countersign.maintain()
  const did = await whatItDid(countersign, { organization, identity, since: begun })
  const logins = did.filter(({ type }) => type === 'login.granted')
  expect(logins.map(({ source }) => source?.address)).toEqual([
    HOME.address,
    FOREIGN.address,
    HOME.address,
  ])
})

test('Leaked root key: what it could open is gone, and new secrets work', async () => {
  const deployment = aDeployment()
  const { countersign: before, storage } = deployment
  const workload = await aWorkload(before)
  const token = await workload.login()
  const [signed] = await before.asHost('test').signingKeys.list()
  const leaked = await newestRootKey(before)
  const options = { issuer: ISSUER, rootKeys: [], storage }
  const after = await startWithout(options, leaked, aKey())
  expect(await outcomeOf(after.authenticate(token, HOME))).toBe('invalid_token')
  expect(await outcomeOf(workload.login(workload.secret.clientSecret, HOME, after))).toBe(
    'invalid_credential',
  )
  const host = after.asHost('test')
  expect((await host.signingKeys.list()).map(({ kid }) => kid)).not.toContain(signed?.kid)
  const { organization, identity } = workload
  const fresh = await host.clientSecrets.create({ organization, identity })
  await after.authenticate(await workload.login(fresh.clientSecret, HOME, after), HOME)
  await after.maintain()
  const { items } = await host.events.list({ type: 'root_key.retired' })
  expect(items.map(({ target }) => target.id)).toEqual([leaked])
  expect((await host.events.verify()).intact).toBe(true)
})

test('Lockout storm: who is locked and from where shows, and the workload is let in', async () => {
  const { countersign, begun } = aDeployment()
  const workload = await aWorkload(countersign)
  const { organization, identity } = workload
  const wrong = `cst_cs_${'0'.repeat(48)}`
  for (let count = 0; count < 3; count += 1) await outcomeOf(workload.login(wrong, FOREIGN))
  expect(await outcomeOf(workload.login())).toBe('locked_out')
  await countersign.maintain()
  const { locked, from } = await whoIsLocked(countersign, organization, begun)
  expect(locked).toMatchObject([{ identity }])
  expect(from).toEqual([FOREIGN.address])
  const home = ['192.0.2.0/24']
  expect(await letIn(countersign, organization, identity, home)).toEqual({ cleared: 1 })
  await workload.login()
  for (let count = 0; count < 3; count += 1) await outcomeOf(workload.login(wrong, FOREIGN))
  await workload.login()
})

test('Clock drift: a node that is 40 seconds ahead shows it, and is set right', async () => {
  const clock = () => new Date(systemRuntime.clock().getTime() + ahead)
  let ahead = 0
  const storage = memoryStorage()
  const countersign = createCountersignWith(
    { ...systemRuntime, clock },
    { issuer: ISSUER, rootKeys: [aKey()], storage },
  )
  await countersign.ready()
  ahead = 40_000
  const { drift, tooMuch } = await driftOf(countersign)
  expect([Math.round(drift ?? 0), tooMuch]).toEqual([-40, true])
  expect(await correctNow(countersign)).toBe(true)
  await countersign.maintain()
  const { items } = await countersign.asHost('test').events.list({ type: 'clock.drifted' })
  expect(items).toMatchObject([{ details: { seconds: -40 } }])
  await countersign.close()
})
