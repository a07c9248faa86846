import { LANES } from '@countersign/evidence'
import { fakeKey, signJwt, startServer } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, aWorld, closing, refusalOf, SUBJECT } from '../support/world.ts'

describe('a flood of foreign tokens', () => {
  test('DOS-008 a token with more than 200 members is refused before anybody looks any up', async () => {
    const { logIn, sign, issuer } = await anIssuedWorld()
    const members = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 0]))
    await expect(logIn(sign(members(190)))).resolves.toBeDefined()
    for (const flood of [
      members(200),
      { nested: members(200) },
      { list: Array(201).fill({ a: 1 }) },
    ])
      expect(await refusalOf(logIn(sign(flood)))).toMatchObject({ reason: 'token_malformed' })
    expect(issuer.asked()).toHaveLength(2)
  })

  test('DOS-010 only configured identities cause requests, few at a time, and a line has an end', async () => {
    const { byJwt, login, countersign } = await aWorld()
    let open = 0
    let most = 0
    const server = closing(
      await startServer((_request, response) => {
        open += 1
        most = Math.max(most, open)
        response.on('close', () => {
          open -= 1
        })
      }),
    )
    const key = fakeKey()
    const iat = Math.floor(countersign.clock.now().getTime() / 1000)
    const claims = {
      iss: 'https://issuer.example',
      aud: AUDIENCE,
      sub: SUBJECT,
      iat,
      exp: iat + 60,
    }
    const token = signJwt(key, { alg: 'ES256', kid: key.kid }, claims)
    const strangers = Array.from({ length: 10_000 }, (_, at) =>
      refusalOf(login(`idn_${at}`, token, 'jwt')),
    )
    expect(new Set((await Promise.all(strangers)).map(({ code }) => code))).not.toContain(
      'unavailable',
    )
    expect(server.asked()).toEqual([])
    const wanted = LANES.open + LANES.waiting + 10
    const identities = await Promise.all(
      Array.from({ length: wanted }, (_, at) =>
        byJwt({
          issuer: claims.iss,
          audiences: [AUDIENCE],
          subject: SUBJECT,
          jwksUrl: `${server.url}/${at}`,
        }),
      ),
    )
    const attempts = identities.map((identity) => refusalOf(login(identity, token, 'jwt')))
    expect(await Promise.race(attempts)).toMatchObject({ code: 'unavailable' })
    expect(new Set((await Promise.all(attempts)).map(({ code }) => code))).toEqual(
      new Set(['unavailable']),
    )
    expect(most).toBe(LANES.open)
  })
})
