import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ManagedIdentityCredential, WorkloadIdentityCredential } from '@azure/identity'
import type { LoginSource, SourceContext } from '@countersign/client'
import {
  auto,
  aws,
  awsCredentials,
  azure,
  azureWorkload,
  gcp,
  isClientError,
} from '@countersign/client'
import { surroundingsOf } from '@countersign/client/node'
import { fakeAzure, fakeGoogle } from '@countersign/testing/fakes'
import { GoogleAuth } from 'google-auth-library'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'
import type { Asked } from './support/platform.ts'
import { aPlatform } from './support/platform.ts'

// Clouds are asked by their own libraries and by ours; what they were asked is compared.

const IDENTITY = fileURLToPath(new URL('./support/azure-identity.mjs', import.meta.url))
const PATIENCE = 60_000
const AUDIENCE = 'api://countersign'
const identity = 'idn_1'
const context: SourceContext = {
  runtime: systemRuntime,
  signal: new AbortController().signal,
  audience: 'https://id.example.com',
}

afterEach(() => {
  vi.unstubAllEnvs()
})

const setting = (environment: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
}

/** A cloud behind a door that writes down what comes in, and passes it on. */
async function recorded(upstream: string) {
  const platform = await aPlatform(async ({ method, target, headers, body }) => {
    const sent = body === '' ? {} : { body }
    const passed = Object.entries(headers).filter(([name]) => !HOP.has(name))
    const init = { method, headers: Object.fromEntries(passed) as Record<string, string>, ...sent }
    const response = await fetch(`${upstream}${target}`, init)
    const flavor = response.headers.get('metadata-flavor')
    return {
      status: response.status,
      body: await response.text(),
      headers: flavor === null ? {} : { 'metadata-flavor': flavor },
    }
  })
  return platform
}
const HOP: ReadonlySet<string> = new Set(['host', 'connection', 'content-length'])

/** What is the same for all: method, path, query, and the headers that are named. */
const shapeOf = ({ method, path, query, headers, body }: Asked, ...names: readonly string[]) => ({
  method,
  path,
  query,
  headers: Object.fromEntries(names.map((name) => [name, headers[name]])),
  form: Object.fromEntries(new URLSearchParams(body)),
})

const read = (source: LoginSource) => source.read(context)

describe('beside google-auth-library', () => {
  test(
    'the metadata server is asked the same',
    async () => {
      const fake = await fakeGoogle()
      onTestFinished(() => fake.close())
      const { host, asked } = await recorded(fake.url)
      setting({ GCE_METADATA_HOST: host, METADATA_SERVER_DETECTION: 'assume-present' })
      setting({ GOOGLE_APPLICATION_CREDENTIALS: '', HOME: '/nonexistent' })
      const client = await new GoogleAuth().getIdTokenClient(AUDIENCE)
      await client.idTokenProvider.fetchIdToken(AUDIENCE)
      const theirs = asked.find(({ path }) => path.endsWith('/identity'))
      await read(gcp({ identity, audience: AUDIENCE, metadataHost: host }))
      const ours = asked.at(-1)
      expect(ours).not.toBe(theirs)
      expect(ours && shapeOf(ours, 'metadata-flavor')).toEqual(
        theirs && shapeOf(theirs, 'metadata-flavor'),
      )
    },
    PATIENCE,
  )
})

describe('beside @azure/identity', () => {
  test(
    'App Service is asked the same',
    async () => {
      const fake = await fakeAzure()
      onTestFinished(() => fake.close())
      const { url, asked } = await recorded(fake.url)
      const endpoint = { url: `${url}/msi/token`, header: fake.identityHeader }
      setting({ IDENTITY_ENDPOINT: endpoint.url, IDENTITY_HEADER: endpoint.header })
      await new ManagedIdentityCredential().getToken(`${AUDIENCE}/.default`)
      await read(azure({ identity, resource: AUDIENCE, endpoint }))
      const [theirs, ours, more] = asked.map((one) => shapeOf(one, 'x-identity-header'))
      expect(ours).toEqual(theirs)
      expect(more).toBeUndefined()
    },
    PATIENCE,
  )

  test(
    'the instance metadata service is asked the same',
    async () => {
      const resource = 'api://of-a-machine'
      const body = { access_token: 'eyJ.eyJ.x', expires_in: '3600', token_type: 'Bearer', resource }
      const { url, asked } = await aPlatform(() => ({ body }))
      setting({
        AZURE_POD_IDENTITY_AUTHORITY_HOST: url,
        IDENTITY_ENDPOINT: '',
        IDENTITY_HEADER: '',
      })
      await promisify(execFile)(process.execPath, [IDENTITY, `${resource}/.default`])
      const theirs = asked.findLast(({ headers }) => headers['metadata'] !== undefined)
      await read(azure({ identity, resource, metadataUrl: url }))
      const ours = asked.at(-1)
      expect(ours).not.toBe(theirs)
      const shape = ({ query, path, ...rest }: ReturnType<typeof shapeOf>) => ({
        ...rest,
        // Theirs writes a slash behind it, which Microsoft's documents do not.
        path: path.replace(/\/$/, ''),
        resource: query['resource'],
        version: query['api-version'],
      })
      expect(ours && shape(shapeOf(ours))).toEqual(theirs && shape(shapeOf(theirs)))
      expect([ours, theirs].map((one) => String(one?.headers['metadata']).toLowerCase())).toEqual([
        'true',
        'true',
      ])
    },
    PATIENCE,
  )

  test(
    'Entra ID is given the same for the token of a pod',
    async () => {
      const folder = await aFolder()
      const file = join(folder, 'token')
      await writeFile(file, 'projected')
      const tenant = '11111111-1111-4111-8111-111111111111'
      const asked: { url: string; method: string; type: string | null; body: unknown }[] = []
      const answer = (url: string): object => {
        if (!url.includes('openid-configuration'))
          return { access_token: 'eyJ', expires_in: 3600, token_type: 'Bearer' }
        const at = `https://login.microsoftonline.com/${tenant}`
        return {
          issuer: `${at}/v2.0`,
          authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
          token_endpoint: `${at}/oauth2/v2.0/token`,
          jwks_uri: `${at}/discovery/v2.0/keys`,
        }
      }
      const note = (url: string, method: string, type: string | null, body: unknown) => {
        if (method === 'POST') asked.push({ url, method, type, body })
        return JSON.stringify(answer(url))
      }
      const theirs = new WorkloadIdentityCredential({
        tenantId: tenant,
        clientId: 'cid',
        tokenFilePath: file,
        disableInstanceDiscovery: true,
        httpClient: {
          async sendRequest(request) {
            const type = request.headers.get('content-type') ?? null
            const bodyAsText = note(request.url, request.method, type, request.body)
            return { request, status: 200, headers: request.headers, bodyAsText }
          },
        },
      })
      await theirs.getToken(`${AUDIENCE}/.default`)
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const request = new Request(input, init)
        const type = request.headers.get('content-type')
        return new Response(note(request.url, request.method, type, await request.text()))
      }
      const federatedToken = async () => 'projected'
      const given = { identity, resource: AUDIENCE, tenant, clientId: 'cid', federatedToken }
      await azureWorkload(given).read({ ...context, runtime: { ...systemRuntime, fetch } })
      const shapes = asked.map(({ url, method, type, body }) => {
        const form = Object.fromEntries(new URLSearchParams(String(body)))
        const { grant_type, client_id, client_assertion, client_assertion_type, scope = '' } = form
        const said = { grant_type, client_id, client_assertion, client_assertion_type }
        const place = new URL(url)
        return {
          place: place.origin + place.pathname,
          method,
          type: type?.toLowerCase().split(';')[0],
          // Theirs asks for what goes with sign-ins of people as well.
          scope: scope.split(' ')[0],
          ...said,
        }
      })
      expect(shapes).toHaveLength(2)
      expect(shapes[1]).toEqual(shapes[0])
    },
    PATIENCE,
  )
})

/** A folder that is gone with the test. */
async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-official-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const SDK = fileURLToPath(new URL('./support/aws-sdk.mjs', import.meta.url))
const expiration = new Date(Date.now() + 3_600_000).toISOString()
const KEYS = { AccessKeyId: 'ASIA', SecretAccessKey: 's', Token: 't', Expiration: expiration }
const RESULT = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>${expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`

describe('beside the AWS SDK', () => {
  /** No keys but those that a test tells of. */
  const bare = (environment: Readonly<Record<string, string>>) => {
    for (const name of Object.keys(process.env)) if (/^AWS_/.test(name)) vi.stubEnv(name, undefined)
    setting({ AWS_REGION: 'eu-west-1', HOME: '/nonexistent', COUNTERSIGN_IDENTITY: identity })
    setting(environment)
  }
  const theirs = async (given: object = {}): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [SDK, JSON.stringify(given)])
    return stdout
  }
  const theirKeys = async (): Promise<unknown> => JSON.parse(await theirs())

  test(
    'a container is asked the same',
    async () => {
      const { url, asked } = await aPlatform(() => ({ body: KEYS }))
      bare({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/pod`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'a',
      })
      expect(await theirKeys()).toMatchObject({ accessKeyId: 'ASIA', sessionToken: 't' })
      expect(await read(auto(surroundingsOf(process.env)) as LoginSource)).toMatchObject({
        slug: 'aws-auth',
      })
      const [theirs, ours, more] = asked.map((one) => shapeOf(one, 'authorization'))
      expect(ours).toEqual(theirs)
      expect(more).toBeUndefined()
    },
    PATIENCE,
  )

  test(
    'an instance is asked the same, with a session first',
    async () => {
      const { url, asked } = await aPlatform(({ method, path }) => {
        if (method === 'PUT') return { body: 'session' }
        return path.endsWith('/security-credentials/')
          ? { body: 'role' }
          : { body: { Code: 'Success', ...KEYS } }
      })
      bare({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url })
      expect(await theirKeys()).toMatchObject({ accessKeyId: 'ASIA' })
      const theirs = asked.splice(0)
      await awsCredentials({ instance: { url } })(context)
      const shape = (one: Asked) => shapeOf(one, 'x-aws-ec2-metadata-token')
      expect(asked.map(shape)).toEqual(theirs.map(shape))
      expect(asked[0]?.headers).toHaveProperty('x-aws-ec2-metadata-token-ttl-seconds')
      expect(theirs[0]?.headers).toHaveProperty('x-aws-ec2-metadata-token-ttl-seconds')
    },
    PATIENCE,
  )

  test(
    'the role of a service account is assumed the same',
    async () => {
      const { url, asked } = await aPlatform(() => ({
        body: RESULT,
        headers: { 'content-type': 'text/xml' },
      }))
      const file = join(await aFolder(), 'token')
      await writeFile(file, 'projected')
      bare({
        AWS_WEB_IDENTITY_TOKEN_FILE: file,
        AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/r',
        AWS_ROLE_SESSION_NAME: 'job',
        AWS_ENDPOINT_URL_STS: url,
      })
      expect(await theirKeys()).toMatchObject({ accessKeyId: 'ASIA', sessionToken: 't' })
      await read(auto(surroundingsOf(process.env)) as LoginSource)
      const [theirs, ours] = asked.map((one) => shapeOf(one))
      expect(ours).toEqual(theirs)
      const types = asked.map(({ headers }) => String(headers['content-type']).split(';')[0])
      expect(new Set(types)).toEqual(new Set(['application/x-www-form-urlencoded']))
      expect(asked.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined])
    },
    PATIENCE,
  )

  test(
    'GetCallerIdentity is signed the same, and ours for an audience besides',
    async () => {
      const { url, asked } = await aPlatform(() => ({ status: 403, body: 'enough' }))
      bare({})
      const keys = { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't' }
      await theirs({ endpoint: url, credentials: keys })
      const { fields } = await read(
        aws({ identity, region: 'eu-west-1', credentials: async () => keys }),
      )
      const [first] = asked
      const ours = JSON.parse(atob(fields['iamRequestHeaders'] ?? '')) as Record<string, string>
      const form = Object.fromEntries(new URLSearchParams(atob(fields['iamRequestBody'] ?? '')))
      expect(form).toEqual(first && shapeOf(first).form)
      expect([fields['iamHttpRequestMethod'], first?.path]).toEqual([first?.method, '/'])
      const scopeOf = (text: unknown) => /Credential=([^,]+)/.exec(String(text))?.[1]
      const signedOf = (text: unknown) =>
        /SignedHeaders=([^,]+)/.exec(String(text))?.[1]?.split(';') ?? []
      expect(scopeOf(ours['authorization'])).toBe(scopeOf(first?.headers['authorization']))
      expect(ours['content-type']?.split(';')[0]).toBe(first?.headers['content-type'])
      expect(ours['x-amz-security-token']).toBe(first?.headers['x-amz-security-token'])
      const needed = ['host', 'x-amz-date', 'x-amz-security-token']
      expect(signedOf(first?.headers['authorization'])).toEqual(expect.arrayContaining(needed))
      expect(signedOf(ours['authorization'])).toEqual(
        expect.arrayContaining([...needed, 'x-countersign-audience']),
      )
    },
    PATIENCE,
  )
})

test(
  'what a cloud refuses their libraries, it refuses ours',
  async () => {
    // Theirs keeps tokens for the whole process.
    const resource = 'api://refused'
    const fake = await fakeAzure()
    onTestFinished(() => fake.close())
    const endpoint = { url: fake.identityEndpoint, header: 'wrong' }
    setting({ IDENTITY_ENDPOINT: endpoint.url, IDENTITY_HEADER: endpoint.header })
    await expect(new ManagedIdentityCredential().getToken(`${resource}/.default`)).rejects.toThrow()
    const error: unknown = await read(azure({ identity, resource, endpoint })).catch(
      (reason: unknown) => reason,
    )
    expect(isClientError(error) && error.code).toBe('evidence_missing')
  },
  PATIENCE,
)
