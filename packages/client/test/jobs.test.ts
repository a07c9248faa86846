import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceContext, Surroundings } from '@countersign/client'
import {
  auto,
  awsCredentials,
  bitbucket,
  buildkite,
  circleci,
  fly,
  gitlab,
  hcpTerraform,
  isClientError,
  spiffe,
  vercel,
} from '@countersign/client'
import { socketFetch, surroundingsOf } from '@countersign/client/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'
import { aPlatform } from './support/platform.ts'

const context: SourceContext = {
  runtime: systemRuntime,
  signal: new AbortController().signal,
  audience: 'https://id.example.com',
}
const identity = 'idn_1'
const PATIENCE = 30_000

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (isClientError(error) ? error.code : error),
  )

/** The API of a machine of Fly.io, behind its socket. */
async function aFlySocket() {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-fly-'))
  const path = join(folder, 'api')
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`)
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end()
    else response.writeHead(200).end('eyJfly')
  })
  await once(server.listen(path), 'listening')
  onTestFinished(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  return { path, asked }
}

describe('jobs', () => {
  test.each([
    [gitlab, 'id_tokens'],
    [circleci, 'context'],
    [bitbucket, 'oidc: true'],
    [hcpTerraform, 'TFC_WORKLOAD_IDENTITY_AUDIENCE'],
    [vercel, 'Secure Backend Access'],
  ] as const)(
    'whose token is in a variable send it, and say how a job comes by one where it is empty',
    async (source, advice) => {
      expect(await source({ identity, token: async () => 'eyJ\n' }).read(context)).toEqual({
        slug: 'oidc-auth',
        fields: { identityId: identity, jwt: 'eyJ' },
      })
      const without = source({ identity, token: '' }).read(context)
      await expect(without).rejects.toThrow(advice)
      expect(await codeOf(without)).toBe('evidence_missing')
    },
    PATIENCE,
  )

  test(
    'of Buildkite ask the API of their agent, for this host',
    async () => {
      const { url, asked } = await aPlatform(() => ({ body: { token: 'eyJbuildkite' } }))
      const given = { identity, job: 'j/1', accessToken: 'agent', endpoint: `${url}/v3/` }
      const { slug, fields } = await buildkite(given).read(context)
      expect([slug, fields['jwt']]).toEqual(['oidc-auth', 'eyJbuildkite'])
      expect(asked).toMatchObject([
        {
          method: 'POST',
          path: '/v3/jobs/j%2F1/oidc/tokens',
          headers: { authorization: 'Token agent' },
          body: JSON.stringify({ audience: 'https://id.example.com' }),
        },
      ])
      const elsewhere = buildkite({ ...given, accessToken: undefined })
      expect(await codeOf(elsewhere.read(context))).toBe('evidence_missing')
    },
    PATIENCE,
  )

  test(
    'of Fly.io ask behind a socket, which follows nobody',
    async () => {
      const { path, asked } = await aFlySocket()
      const { fields } = await fly({ identity, fetch: socketFetch(path) }).read(context)
      expect(fields['jwt']).toBe('eyJfly')
      expect(asked).toEqual(['POST /v1/tokens/oidc {"aud":"https://id.example.com"}'])
      await expect(socketFetch(path)('http://localhost/moved')).rejects.toThrow('not followed')
      const nobody = fly({ identity, fetch: socketFetch(`${path}-not`) })
      expect(await codeOf(nobody.read(context))).toBe('unreachable')
    },
    PATIENCE,
  )

  test(
    'spiffe() sends a JWT-SVID as the host knows the trust domain',
    async () => {
      const token = async () => 'eyJsvid'
      expect((await spiffe({ identity, token }).read(context)).slug).toBe('jwt-auth')
      const infisical = spiffe({ identity, token, slug: 'spiffe-auth' })
      expect((await infisical.read(context)).slug).toBe('spiffe-auth')
    },
    PATIENCE,
  )
})

describe('a role of AWS that is assumed with a token', () => {
  const keys = { AccessKeyId: 'ASIA', SecretAccessKey: 's+/=', SessionToken: 't==' }
  const written = Object.entries(keys).map(([name, text]) => `<${name}>${text}</${name}>`)
  const found = { accessKeyId: 'ASIA', secretAccessKey: 's+/=', sessionToken: 't==' }
  const role = { roleArn: 'arn:aws:iam::1:role/r', region: 'eu-west-1', sessionName: '' }

  test(
    'is asked for with the token as it is now',
    async () => {
      const { url, asked } = await aPlatform(() => ({ body: written.join('\n') }))
      const tokens = ['one', 'two']
      const webIdentity = { ...role, url, token: () => tokens.shift() ?? '' }
      const credentials = awsCredentials({ webIdentity })
      expect(await credentials(context)).toEqual(found)
      await credentials(context)
      const bodies = asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
      expect(bodies.map(({ WebIdentityToken }) => WebIdentityToken)).toEqual(['one', 'two'])
    },
    PATIENCE,
  )

  test(
    'gives nothing where the STS gives nothing',
    async () => {
      for (const answer of [{ body: written.slice(1).join('') }, { status: 403, body: 'no' }]) {
        const { url } = await aPlatform(() => answer)
        const credentials = awsCredentials({ webIdentity: { ...role, url, token: 'one' } })
        expect(await codeOf(credentials(context))).toBe('evidence_missing')
      }
    },
    PATIENCE,
  )

  test(
    'is recognized by the variables of EKS',
    async () => {
      const { url, asked } = await aPlatform(() => ({ body: written.join('\n') }))
      const surroundings: Surroundings = {
        environment: {
          COUNTERSIGN_IDENTITY: identity,
          AWS_WEB_IDENTITY_TOKEN_FILE: '/var/token',
          AWS_ROLE_ARN: role.roleArn,
          AWS_REGION: role.region,
          AWS_ENDPOINT_URL_STS: url,
        },
        readFile: async (path) => `content of ${path}`,
        fileExists: () => false,
      }
      const source = auto(surroundings)
      expect(source.found).toBe('aws, by AWS_WEB_IDENTITY_TOKEN_FILE')
      expect(await source.read(context)).toMatchObject({ slug: 'aws-auth' })
      expect(asked[0]?.body).toContain('content+of+%2Fvar%2Ftoken')
    },
    PATIENCE,
  )
})

test('auto() recognizes a machine of Fly.io by its socket, and a job of Buildkite', () => {
  const environment = { COUNTERSIGN_IDENTITY: identity }
  const fileExists = (path: string) => path === '/.fly/api'
  const surroundings = { ...surroundingsOf(environment), fileExists }
  expect(auto(surroundings)).toMatchObject({ name: 'fly', found: 'fly, by /.fly/api' })
  const job = { ...environment, BUILDKITE_AGENT_ACCESS_TOKEN: 'agent' }
  expect(auto({ ...surroundings, environment: job }).name).toBe('buildkite')
})
