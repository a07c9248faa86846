import { describe, expect, test } from 'vitest'
import type { AuthMethod } from '../../src/index.ts'
import { anEngine } from '../support/engine.ts'
import { refusalOf } from '../support/refusal.ts'
import type { Workload } from '../support/workload.ts'
import { anIdentity, aWorkload, HOME } from '../support/workload.ts'

const TEN = ['10.0.0.0/8']
const ON_TEN = { address: '10.1.1.1' }
const universal = { method: 'universal' } as const
const listsOf = (networks: readonly string[]) => ({
  trustedSources: { credential: networks, token: networks },
})

/** An identity whose logins and tokens are taken from these networks alone, with a token that it got from `home`. */
async function restrictedTo(networks: readonly string[], home = ON_TEN) {
  const workload = await aWorkload({ tokenPolicy: listsOf(networks) })
  const { accessToken } = await workload.login(home)
  return { ...workload, accessToken }
}

type Restricted = Awaited<ReturnType<typeof restrictedTo>>

async function expectAdmitted({ login, countersign, accessToken }: Restricted, address: string) {
  const source = { address }
  await expect(login(source), address).resolves.toMatchObject({ tokenType: 'Bearer' })
  const principal = countersign.authenticate(accessToken, source)
  await expect(principal, address).resolves.toMatchObject({ kind: 'identity' })
}

async function expectTurnedAway(given: Restricted, address: string | undefined) {
  const { refused, secret, countersign, accessToken, clock } = given
  const source = address === undefined ? {} : { address }
  // Strangers are throttled together, wherever they are: this one shall meet the list, not the lock.
  clock.advance(31)
  const reason = 'ip_not_allowed'
  const login = await refused(source, secret.clientSecret)
  expect(login, address).toMatchObject({ code: 'invalid_credential', reason })
  const request = () => countersign.authenticate(accessToken, source)
  const token = await refusalOf(given, request)
  expect(token, address).toMatchObject({ code: 'invalid_token', reason })
}

const standingOf = ({ host, key }: Workload): Promise<AuthMethod> =>
  host.authMethods.get({ ...key, ...universal })

describe('an allow-list', () => {
  test('IPX-001 admits both ends of a block, and neither neighbour', async () => {
    const given = await restrictedTo(TEN)
    await expectAdmitted(given, '10.0.0.0')
    await expectAdmitted(given, '10.255.255.255')
    await expectTurnedAway(given, '9.255.255.255')
    await expectTurnedAway(given, '11.0.0.0')
    await expectTurnedAway(given, undefined)
  })

  test('IPX-002 takes a mapped peer for the IPv4 address that it is', async () => {
    const given = await restrictedTo(TEN)
    for (const address of ['::ffff:10.0.0.1', '::ffff:a00:1', '::FFFF:10.0.0.1'])
      await expectAdmitted(given, address)
  })

  test('IPX-003 refuses a mapped peer whose IPv4 address is not admitted', async () => {
    const given = await restrictedTo(['192.168.0.0/16'], { address: '192.168.1.1' })
    await expectTurnedAway(given, '::ffff:10.0.0.1')
    await expectTurnedAway(given, '::ffff:a00:1')
  })

  test('IPX-006 never unwraps NAT64, 6to4, Teredo or a compatible address', async () => {
    const given = await restrictedTo(TEN)
    const embedded = ['64:ff9b::a00:1', '64:ff9b::10.0.0.1', '2002:a00:1::', '2002:a00:1::1']
    const teredo = '2001:0:a00:1:0:ffff:f5ff:fffe'
    for (const address of [...embedded, teredo, '::10.0.0.1', '::ffff:0:10.0.0.1'])
      await expectTurnedAway(given, address)
  })

  test('IPX-013 of all IPv4 admits no IPv6, and of all IPv6 no IPv4', async () => {
    const four = await restrictedTo(['0.0.0.0/0'])
    await expectTurnedAway(four, '2001:db8::1')
    await expectAdmitted(four, '203.0.113.9')
    const six = await restrictedTo(['::/0'], { address: '2001:db8::1' })
    await expectTurnedAway(six, '10.0.0.1')
    await expectTurnedAway(six, '::ffff:10.0.0.1')
  })

  test('IPX-007 IPX-008 refuses what a socket would never say, whatever it could mean', async () => {
    const given = await restrictedTo(['10.0.0.0/8', '127.0.0.0/8'])
    for (const address of [...FORMS_OF_OTHERS, ...SPOILT, ''])
      await expectTurnedAway(given, address)
  })

  test('IPX-023 that changed counts at once on this node, elsewhere within cacheTtl', async () => {
    const given = await restrictedTo(TEN)
    const other = anEngine({ beside: given, cacheTtl: 5 })
    const elsewhere = () => other.countersign.authenticate(given.accessToken, ON_TEN)
    await elsewhere()
    const tokenPolicy = listsOf(['192.168.0.0/16'])
    await given.host.authMethods.update({ ...given.key, ...universal, tokenPolicy })
    await expectTurnedAway(given, '10.1.1.1')
    given.clock.advance(5)
    const error = await refusalOf(other, elsewhere)
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'ip_not_allowed' })
  })

  test('IPX-023 that changed counts for logins of every node at once', async () => {
    const given = await restrictedTo(TEN)
    const other = anEngine({ beside: given, cacheTtl: 5 })
    const request = { ...universal, identity: given.identity.id, credential: given.secret }
    const { clientSecret } = request.credential
    const elsewhere = () =>
      other.countersign.login({ ...request, credential: { clientSecret } }, ON_TEN)
    await elsewhere()
    const tokenPolicy = listsOf(['192.168.0.0/16'])
    await given.host.authMethods.update({ ...given.key, ...universal, tokenPolicy })
    expect((await refusalOf(other, elsewhere)).reason).toBe('ip_not_allowed')
  })
})

/** What octal, hexadecimal, short and whole numbers look like; `ipaddr.js` and `inet_aton` read them all. */
const FORMS_OF_OTHERS = [
  '0177.0.0.1',
  '0x7f.1',
  '0x7f000001',
  '127.1',
  '127.0.1',
  '2130706433',
  '012.0.0.1',
  '010.0.0.1',
  '10',
  '10.0.0.01',
  '1e1.0.0.1',
]

const SPOILT = [
  '10.0.0.256',
  '10.0.0.1.',
  '.10.0.0.1',
  '10..0.1',
  ' 10.0.0.1',
  '10.0.0.1 ',
  '10.0.0.1\n',
  '10.0.0.1:443',
  '[::1]:443',
  '[10.0.0.1]',
  '10.0.0.1%0a',
  '::ffff:10.0.0.1%eth0',
  '１０.0.0.1',
  '"10.0.0.1"',
]

describe('sourceOf()', () => {
  const proxy = '10.9.0.5'
  const behind = anEngine({ trustedProxies: ['10.9.0.0/16'] }).countersign
  const clientOf = (forwardedFor: string, address = proxy) =>
    behind.sourceOf({ address, forwardedFor }).address

  test('reads the hop before the trusted ones, of a mapped peer too', () => {
    expect(clientOf('203.0.113.9, 10.1.1.1, 10.9.0.7')).toBe('10.1.1.1')
    expect(clientOf('10.1.1.1', '::ffff:10.9.0.5')).toBe('10.1.1.1')
    expect(clientOf('10.1.1.1', '10.8.0.5')).toBe('10.8.0.5')
  })

  test.each(FORMS_OF_OTHERS)('IPX-007 knows no client in the hop %j', (hop) => {
    expect(clientOf(hop)).toBeUndefined()
    expect(clientOf(`10.1.1.1, ${hop}`)).toBeUndefined()
  })

  test.each(SPOILT)('IPX-008 knows no client in the hop %j', (hop) => {
    expect(clientOf(hop)).toBeUndefined()
  })

  test.each([
    ['a hop that is none', '10.1.1.1, garbage, 10.9.0.5'],
    ['an empty hop', '10.1.1.1,,10.9.0.5'],
    ['an empty hop at the end', '10.1.1.1,'],
    ['nothing', ''],
    ['repeated lines, the last one spoilt', ['10.1.1.1', '203.0.113.9', 'garbage'].join(', ')],
    ['33 hops', Array(33).fill('10.1.1.1').join(',')],
    ['10,000 hops', Array(10_000).fill('10.9.0.1').join(',')],
  ])('IPX-018 knows no client behind %s, so that no list admits it', async (_, header) => {
    const source = behind.sourceOf({ address: proxy, forwardedFor: header })
    expect(source).toEqual({})
    await expectTurnedAway(await restrictedTo(TEN), source.address)
  })

  test('IPX-018 looks at no more than 32 hops, however long the header is', () => {
    const looked: number[] = []
    for (const count of [1000, 100_000]) {
      const text = Array(count).fill('10.9.0.1').join(',')
      const started = process.cpuUsage()
      for (let round = 0; round < 200; round += 1) clientOf(text)
      looked.push(process.cpuUsage(started).user)
    }
    const [short = 0, long = 0] = looked
    expect(long).toBeLessThan(20 * short + 20_000)
    expect(clientOf(Array(32).fill('10.1.1.1').join(','))).toBe('10.1.1.1')
  })

  test.each([
    'for="[2001:db8::1]:443";proto=https',
    'for=10.1.1.1',
    'for=_hidden',
    '_hidden',
    'unknown',
  ])('IPX-021 has no mode for Forwarded: its grammar in X-Forwarded-For, %j, is unknown', (hop) => {
    expect(clientOf(hop)).toBeUndefined()
    expect(clientOf(`10.1.1.1, ${hop}`)).toBeUndefined()
  })

  test('IPX-021 has no mode for Forwarded: the header itself is no part of a peer', () => {
    const peer = { address: proxy, forwarded: 'for=10.1.1.1', Forwarded: 'for=10.1.1.1' }
    expect(behind.sourceOf(peer)).toEqual({})
    expect(behind.sourceOf({ ...peer, forwardedFor: '203.0.113.9' })).toEqual({
      address: '203.0.113.9',
    })
    const options = { forwardedHeader: 'forwarded' } as object
    expect(() => anEngine(options)).toThrow('The input has an unknown member forwardedHeader')
  })
})

describe('createCountersign()', () => {
  test.each([
    ['10.9.0.0/16x', '10.9/16', '10.9.0.0/016', 'proxy.internal', '*', 'loopback', 'true', ''],
  ])('IPX-022 refuses a list of proxies with an entry that it cannot read', (...entries) => {
    for (const entry of entries)
      for (const trustedProxies of [[entry], ['10.8.0.0/16', entry]])
        expect(() => anEngine({ trustedProxies })).toThrow(
          `trustedProxies[${trustedProxies.length - 1}] must be an IPv4 or IPv6 address or CIDR block`,
        )
  })

  test('IPX-022 refuses a list of proxies that is none, or that holds none', () => {
    const refusalFor = (trustedProxies: unknown) => () =>
      anEngine({ trustedProxies: trustedProxies as never })
    expect(refusalFor([])).toThrow(/^trustedProxies must not be empty/)
    for (const list of ['10.9.0.0/16', true, 1, {}, null])
      expect(refusalFor(list)).toThrow(/^trustedProxies must be a list$/)
    expect(refusalFor([10])).toThrow('trustedProxies[0] must be a string')
  })
})

const NOT_NETWORKS = [
  '10/8',
  '10.0.0.0/08',
  '10.0.0.0/8x',
  '10.0.0.0/8/9',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/+8',
  '10.0.0.0/',
  '0x0a.0.0.0/8',
  '10.0.0.0/ 8',
  ' 10.0.0.0/8',
  '10.0.0.0/8 ',
  '10.0.0.0/8\n',
  '10.0.0.0/1e1',
  '10.0.0.0-10.0.0.255',
  '10.0.0.*',
  '::/129',
  '::ffff:10.0.0.0/8',
  '::ffff:0:0/95',
  'localhost',
  '/8',
  '',
]

describe.each(['credential', 'token'] as const)('a list of networks for a %s', (list) => {
  const field = `tokenPolicy.trustedSources.${list}`
  const policyOf = (networks: unknown) => ({ trustedSources: { [list]: networks } }) as never

  /** Every way to write such a list, on an identity with universal auth and on one without. */
  async function waysToSay(networks: unknown) {
    const workload = await aWorkload()
    const { host, key } = workload
    const { identity: bare } = await host.identities.create({ organization: 'acme', name: 'bare' })
    const tokenPolicy = policyOf(networks)
    const attached = { ...key, identity: bare.id, ...universal, tokenPolicy }
    const update = () => host.authMethods.update({ ...key, ...universal, tokenPolicy })
    const attach = () => host.authMethods.attach(attached)
    const create = () => anIdentity(workload, { tokenPolicy })
    return { workload, update, attach, create }
  }

  test.each(NOT_NETWORKS)('IPX-010 is refused with %j in it, and changes nothing', async (text) => {
    const { workload, update, attach, create } = await waysToSay(['192.0.2.0/24', text])
    const [before, events] = [await standingOf(workload), await workload.recorded()]
    const message = `${field}[1] must be an IPv4 or IPv6 address or CIDR block`
    for (const say of [update, attach])
      await expect(say()).rejects.toMatchObject({ code: 'invalid_request', message })
    const nested = { code: 'invalid_request', message: `authMethod.${message}` }
    await expect(create()).rejects.toMatchObject(nested)
    expect([await standingOf(workload), await workload.recorded()]).toEqual([before, events])
  })

  test('IPX-012 is refused when it is empty: "everywhere" is written out', async () => {
    const { workload, update, attach } = await waysToSay([])
    const message = `${field} must not be empty; write 0.0.0.0/0 and ::/0 for every address`
    for (const say of [update, attach])
      await expect(say()).rejects.toMatchObject({ code: 'invalid_request', message })
    await expect(workload.login(HOME)).resolves.toBeDefined()
    const all = policyOf(['0.0.0.0/0', '::/0'])
    await workload.host.authMethods.update({ ...workload.key, ...universal, tokenPolicy: all })
    await expect(workload.login(HOME)).resolves.toBeDefined()
    await expect(workload.login({ address: '2001:db8::1' })).resolves.toBeDefined()
  })

  test.each([
    { name: 'IPX-004 a mapped block', written: '::ffff:10.0.0.0/104', shown: '10.0.0.0/8' },
    {
      name: 'IPX-004 a mapped block in hexadecimal',
      written: '::ffff:a00:0/104',
      shown: '10.0.0.0/8',
    },
    { name: 'IPX-004 a mapped host', written: '::ffff:10.0.0.1', shown: '10.0.0.1' },
    { name: 'IPX-011 a block with host bits', written: '10.1.2.3/8', shown: '10.0.0.0/8' },
    {
      name: 'IPX-011 an IPv6 block with host bits',
      written: '2001:DB8:ffff::1/36',
      shown: '2001:db8:f000::/36',
    },
    { name: 'IPX-011 a block of one host', written: '10.1.2.3/32', shown: '10.1.2.3' },
  ])('$name is stored as the block that it is, and shown so', async ({ written, shown }) => {
    const { workload, update } = await waysToSay([written])
    expect((await update()).tokenPolicy.trustedSources[list]).toEqual([shown])
    expect((await standingOf(workload)).tokenPolicy.trustedSources[list]).toEqual([shown])
  })
})

describe('a list that was canonicalised', () => {
  test.each([
    { name: 'IPX-004 of a mapped block', written: '::ffff:10.0.0.0/104' },
    { name: 'IPX-011 of a block with host bits', written: '10.1.2.3/8' },
  ])('$name admits all of the block, and nothing else', async ({ written }) => {
    const given = await restrictedTo([written])
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '10.255.255.255'])
      await expectAdmitted(given, address)
    await expectTurnedAway(given, '11.0.0.1')
  })
})
