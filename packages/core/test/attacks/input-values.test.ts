import { describe, expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'
import type { Workload } from '../support/workload.ts'
import { anIdentity, aWorkload } from '../support/workload.ts'

const organization = 'acme'
const universal = { method: 'universal' } as const
const refusal = (message: unknown) => ({ code: 'invalid_request', message })

/** A workload that has token auth as well. */
async function aFullWorkload(): Promise<Workload> {
  const workload = await aWorkload()
  await workload.host.authMethods.attach({ ...workload.key, method: 'token' })
  return workload
}

type Say = (given: Workload, value: never) => Promise<unknown>

const settingOf =
  (part: 'tokenPolicy' | 'lockout', name: string): Say =>
  ({ host, key }, value) =>
    host.authMethods.update({ ...key, ...universal, [part]: { [name]: value } })

/** Every number that somebody can set, by the name that a refusal calls it. */
const numbers: readonly (readonly [string, Say])[] = [
  ['cacheTtl', async (_, cacheTtl) => void anEngine({ cacheTtl })],
  ['maxTokenAge', async (_, maxTokenAge) => void anEngine({ maxTokenAge })],
  ['signing.rotateEvery', async (_, rotateEvery) => void anEngine({ signing: { rotateEvery } })],
  ['tokenPolicy.ttl', settingOf('tokenPolicy', 'ttl')],
  ['tokenPolicy.maxTtl', settingOf('tokenPolicy', 'maxTtl')],
  ['tokenPolicy.period', settingOf('tokenPolicy', 'period')],
  ['tokenPolicy.maxUses', settingOf('tokenPolicy', 'maxUses')],
  ['lockout', settingOf('lockout', 'threshold')],
  ['lockout', settingOf('lockout', 'window')],
  ['lockout', settingOf('lockout', 'duration')],
  ['authMethod.tokenPolicy.ttl', (given, ttl) => anIdentity(given, { tokenPolicy: { ttl } })],
  ['ttl', ({ another }, ttl) => another({ ttl })],
  ['maxUses', ({ another }, maxUses) => another({ maxUses })],
  ['overlap', (given, overlap) => given.host.clientSecrets.rotate({ ...idOf(given), overlap })],
  ['ttl', (given, ttl) => given.host.clientSecrets.rotate({ ...idOf(given), ttl })],
  ['ttl', ({ host, key }, ttl) => host.staticTokens.create({ ...key, name: 'x', ttl })],
  ['maxUses', ({ host, key }, maxUses) => host.staticTokens.create({ ...key, name: 'x', maxUses })],
  ['lead', ({ countersign }, lead) => countersign.asHost('test').signingKeys.rotate({ lead })],
  ['limit', ({ host }, limit) => host.identities.list({ organization, limit })],
  ['offset', ({ host }, offset) => host.identities.list({ organization, offset })],
  [
    'revision',
    ({ host, identity: { id } }, revision) =>
      host.identities.update({ organization, id, revision }),
  ],
]

function idOf({ secret: { id } }: Workload) {
  return { organization, id }
}

const NO_NUMBERS: readonly unknown[] = [
  '60',
  '6e1',
  '0x3c',
  ' 60',
  '60s',
  '1.0',
  '',
  '６０',
  60.5,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  60n,
  true,
  [60],
  { valueOf: () => 60 },
  Object(60),
  new Date(60_000),
]

describe('a number', () => {
  test.each(numbers)(
    'INP-005 %s is taken as a whole number, and never made one',
    async (field, say) => {
      const given = await aFullWorkload()
      const { recorded, host, key } = given
      const standing = () => host.authMethods.get({ ...key, ...universal })
      const before = [(await recorded()).length, await standing()]
      for (const value of NO_NUMBERS)
        await expect(say(given, value as never), String(value)).rejects.toMatchObject(
          refusal(expect.stringMatching(new RegExp(`^${field}(\\.\\w+)? must be `))),
        )
      expect([(await recorded()).length, await standing()]).toEqual(before)
    },
  )

  test('INP-005 that is below zero by its sign alone is zero: refused where zero is', async () => {
    const { another, host, key } = await aFullWorkload()
    await expect(another({ ttl: -0 })).rejects.toMatchObject(
      refusal('ttl must be at least 1 second'),
    )
    const tokenPolicy = { ttl: -0 }
    const update = host.authMethods.update({ ...key, ...universal, tokenPolicy })
    await expect(update).rejects.toMatchObject({ code: 'invalid_request' })
  })
})

const DATES: readonly (readonly [string, unknown])[] = [
  ['must be a Date', '2027-01-01'],
  ['must be a Date', '2027-01-01T00:00:00'],
  ['must be a Date', '2027-01-01T00:00:00Z'],
  ['must be a Date', 1_800_000_000_000],
  ['must be a Date', '+275760-09-13T00:00:00.000Z'],
  ['must be a Date', new Date('275761-01-01')],
  ['must be a Date', new Date(Number.NaN)],
  ['must be a Date', { getTime: () => 1_800_000_000_000 }],
  ['must be a Date', null],
  ['must lie in this century', new Date(8.64e15)],
  ['must lie in this century', new Date('2100-01-01T00:00:00.001Z')],
  ['must lie in this century', new Date('1999-12-31T23:59:59.999Z')],
  ['must lie in this century', new Date(0)],
]
const PAST: readonly (readonly [string, unknown])[] = [
  ['must lie in the future', new Date('2026-03-01T12:00:00.000Z')],
  ['must lie in the future', new Date('2000-01-01T00:00:00Z')],
]

const instants: readonly (readonly [string, Say, typeof DATES])[] = [
  ['expiresAt', ({ another }, expiresAt) => another({ expiresAt }), [...DATES, ...PAST]],
  [
    'expiresAt',
    (given, expiresAt) => given.host.clientSecrets.rotate({ ...idOf(given), expiresAt }),
    [...DATES, ...PAST],
  ],
  [
    'expiresAt',
    ({ host, key }, expiresAt) => host.staticTokens.create({ ...key, name: 'x', expiresAt }),
    [...DATES, ...PAST],
  ],
  [
    'unusedSince',
    ({ host }, unusedSince) => host.identities.list({ organization, unusedSince }),
    DATES,
  ],
]

describe('an instant', () => {
  test.each(instants)(
    'INP-006 %s is a Date of this century, and an end lies ahead',
    async (field, say, refused) => {
      const given = await aFullWorkload()
      const before = (await given.recorded()).length
      for (const [sentence, value] of refused)
        await expect(say(given, value as never), String(value)).rejects.toMatchObject(
          refusal(`${field} ${sentence}`),
        )
      expect((await given.recorded()).length).toBe(before)
      await expect(say(given, new Date('2027-01-01T00:00:00Z') as never)).resolves.toBeDefined()
    },
  )
})
