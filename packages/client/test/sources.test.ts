import type { LoginSource, SourceContext } from '@countersign/client'
import {
  aws,
  awsCredentials,
  azure,
  azureWorkload,
  gcp,
  githubActions,
  isClientError,
  kubernetes,
  ldap,
  oidc,
  universal,
} from '@countersign/client'
import { describe, expect, test } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'
import { aPlatform } from './support/platform.ts'

const context: SourceContext = {
  runtime: { ...systemRuntime, wallClock: () => new Date('2026-03-01T12:00:00.000Z') },
  signal: new AbortController().signal,
  audience: 'https://id.example.com',
}
const identity = 'idn_1'
const KEYS = { accessKeyId: 'AKID', secretAccessKey: 'secret' }

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (isClientError(error) ? error.code : error),
  )

describe('sources', () => {
  test('universal() reads its secret anew for every login', async () => {
    const secrets = ['one', 'two\n']
    const source = universal({ clientId: 'id', clientSecret: () => secrets.shift() ?? '' })
    const first = await source.read(context)
    const second = await source.read(context)
    expect([first, second].map(({ fields }) => fields['clientSecret'])).toEqual(['one', 'two'])
    expect(first.slug).toBe('universal-auth')
  })

  test('kubernetes(), oidc() and ldap() send what their methods take', async () => {
    const read = (source: LoginSource) => source.read(context)
    expect(await read(kubernetes({ identity, token: async () => 'eyJ\n' }))).toEqual({
      slug: 'kubernetes-auth',
      fields: { identityId: identity, jwt: 'eyJ' },
    })
    expect(await codeOf(read(oidc({ identity, token: ' ' })))).toBe('evidence_missing')
    const outer = ldap({ identity, username: 'jo', password: ' outer spaces ' })
    expect((await read(outer)).fields['password']).toBe(' outer spaces ')
  })

  test('gcp() asks for a full token, and believes a server of Google alone', async () => {
    let flavor: Record<string, string> = { 'metadata-flavor': 'Google' }
    const { host, asked } = await aPlatform(() => ({ headers: flavor, body: 'eyJgoogle' }))
    const source = gcp({ identity, metadataHost: host })
    expect((await source.read(context)).fields).toEqual({ identityId: identity, jwt: 'eyJgoogle' })
    expect(asked[0]).toMatchObject({
      path: '/computeMetadata/v1/instance/service-accounts/default/identity',
      query: { audience: identity, format: 'full' },
      headers: { 'metadata-flavor': 'Google' },
    })
    flavor = {}
    expect(await codeOf(source.read(context))).toBe('evidence_missing')
  })

  test('azure() speaks to the instance metadata service and to App Service', async () => {
    const { url, asked } = await aPlatform(() => ({ body: { access_token: 'eyJazure' } }))
    const resource = 'api://app'
    const imds = azure({ identity, resource, metadataUrl: url })
    const app = azure({ identity, resource, endpoint: { url: `${url}/msi`, header: 'h' } })
    for (const source of [imds, app])
      expect((await source.read(context)).fields['jwt']).toBe('eyJazure')
    expect(asked).toMatchObject([
      {
        path: '/metadata/identity/oauth2/token',
        query: { 'api-version': '2018-02-01', resource },
        headers: { metadata: 'true' },
      },
      {
        path: '/msi',
        query: { 'api-version': '2019-08-01', resource },
        headers: { 'x-identity-header': 'h' },
      },
    ])
  })

  test('azureWorkload() exchanges the projected token', async () => {
    const { url, asked } = await aPlatform(() => ({ body: { access_token: 'eyJentra' } }))
    const source = azureWorkload({
      identity,
      resource: 'api://app',
      tenant: 'tid',
      clientId: 'cid',
      authority: `${url}/`,
      federatedToken: async () => 'projected',
    })
    expect((await source.read(context)).fields['jwt']).toBe('eyJentra')
    expect(asked[0]?.path).toBe('/tid/oauth2/v2.0/token')
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toMatchObject({
      client_assertion: 'projected',
      scope: 'api://app/.default',
    })
  })

  test('githubActions() asks for a token for this host, and says which permission is missing', async () => {
    const { url, asked } = await aPlatform(() => ({ body: { value: 'eyJgithub' } }))
    const requestUrl = `${url}/token?api-version=2.0`
    const source = githubActions({ identity, requestUrl, requestToken: 'bearer-token' })
    expect((await source.read(context)).fields['jwt']).toBe('eyJgithub')
    expect(asked[0]).toMatchObject({
      query: { 'api-version': '2.0', audience: context.audience },
      headers: { authorization: 'bearer bearer-token' },
    })
    const without = githubActions({ identity, requestUrl: undefined, requestToken: undefined })
    await expect(without.read(context)).rejects.toThrow('id-token: write')
  })

  test('a platform that is busy is tried again, one that refuses is not', async () => {
    let status = 503
    const { host } = await aPlatform(() => ({ status }))
    const source = gcp({ identity, metadataHost: host })
    expect(await codeOf(source.read(context))).toBe('unreachable')
    status = 400
    expect(await codeOf(source.read(context))).toBe('evidence_missing')
  })
})

describe('aws()', () => {
  test('signs an audience with its request, and never sends its keys', async () => {
    const source = aws({ identity, region: 'eu-central-1', credentials: async () => KEYS })
    const { slug, fields } = await source.read(context)
    expect(slug).toBe('aws-auth')
    expect(atob(fields['iamRequestBody'] ?? '')).toBe('Action=GetCallerIdentity&Version=2011-06-15')
    const headers = JSON.parse(atob(fields['iamRequestHeaders'] ?? ''))
    expect(headers).toMatchObject({
      host: 'sts.eu-central-1.amazonaws.com',
      'x-amz-date': '20260301T120000Z',
      'x-countersign-audience': context.audience,
    })
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260301\/eu-central-1\/sts\/aws4_request, SignedHeaders=[a-z;-]*x-countersign-audience, Signature=[0-9a-f]{64}$/,
    )
    expect(JSON.stringify(headers)).not.toContain(KEYS.secretAccessKey)
  })

  test('looks for keys at a container and at the instance, with a session first', async () => {
    const keys = { AccessKeyId: 'A', SecretAccessKey: 'S', Token: 'T' }
    const { url, asked } = await aPlatform(({ method, path }) => {
      if (method === 'PUT') return { body: 'session' }
      return path.endsWith('/security-credentials/') ? { body: 'role\n' } : { body: keys }
    })
    const found = { accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' }
    const container = { url: `${url}/pod`, authorization: () => 'auth' }
    expect(await awsCredentials({ container })(context)).toEqual(found)
    expect(await awsCredentials({ instance: { url } })(context)).toEqual(found)
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /pod',
      'PUT /latest/api/token',
      'GET /latest/meta-data/iam/security-credentials/',
      'GET /latest/meta-data/iam/security-credentials/role',
    ])
    expect(asked[0]?.headers).toMatchObject({ authorization: 'auth' })
    expect(asked[3]?.headers).toMatchObject({ 'x-aws-ec2-metadata-token': 'session' })
    expect(await codeOf(awsCredentials({ instance: false })(context))).toBe('evidence_missing')
  })
})
