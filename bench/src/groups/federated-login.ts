import { memoryStorage } from '@countersign/core'
import { oidc } from '@countersign/oidc'
import { fakeIssuer, fakeKey } from '@countersign/testing/fakes'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { Contest } from '../harness/contest.ts'
import { atLeast } from '../harness/contest.ts'
import { createFederated } from '../workload/federated.ts'

const AUDIENCE = 'https://id.example.com'
const SUBJECT = 'repo:acme/app:ref:refs/heads/main'
const CACHED = 'countersign, a whole login, keys remembered'
const FETCHING = 'keys fetched for each login, checked by jose'

/** A login by a token of another issuer, beside one that asks the issuer for its keys each time. */
export async function contests(): Promise<readonly Contest[]> {
  const issuer = await fakeIssuer({ key: fakeKey('RS256') })
  process.once('disconnect', () => void issuer.close())
  const verifier = oidc({ egress: { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true } })
  const policy = { issuer: issuer.url, audiences: [AUDIENCE], subject: SUBJECT }
  const login = await createFederated(memoryStorage(), verifier, policy)
  const sign = (): string => issuer.sign({ aud: AUDIENCE, sub: SUBJECT })

  /** As the reference system does it: nothing is remembered, and nothing is granted here either. */
  const fetchAndCheck = async (token: string): Promise<void> => {
    const discovery = await fetch(`${issuer.url}/.well-known/openid-configuration`)
    const { jwks_uri: jwksUri } = (await discovery.json()) as { readonly jwks_uri: string }
    const keys = (await (await fetch(jwksUri)).json()) as Parameters<typeof createLocalJWKSet>[0]
    await jwtVerify(token, createLocalJWKSet(keys), { issuer: issuer.url, audience: AUDIENCE })
  }

  return [
    {
      title: 'A login by OpenID Connect, the issuer on loopback',
      unit: 'µs',
      contenders: [timed(CACHED, sign, login), timed(FETCHING, sign, fetchAndCheck)],
      goals: [atLeast('(part 7)', CACHED, FETCHING, 1)],
    },
  ]
}

function timed(name: string, sign: () => string, run: (token: string) => Promise<unknown>) {
  return {
    name,
    async sample(milliseconds: number): Promise<number> {
      const tokens = Array.from({ length: Math.max(Math.round(milliseconds), 4) }, sign)
      const began = performance.now()
      for (const token of tokens) await run(token)
      return ((performance.now() - began) * 1000) / tokens.length
    },
  }
}
