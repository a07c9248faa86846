import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ManagedIdentityCredential, WorkloadIdentityCredential } from '@azure/identity'
import { azure, azureWorkload, gcp, isClientError } from '@countersign/client'
import { fakeAzure, fakeGoogle } from '@countersign/testing/fakes'
import { GoogleAuth } from 'google-auth-library'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'
import { aFolder, context, read, setting, shapeOf } from './support/official.ts'
import { aPlatform } from './support/platform.ts'

// Clouds are asked by their own libraries and by ours; what they were asked is compared.

const IDENTITY = fileURLToPath(new URL('./support/azure-identity.mjs', import.meta.url))
const PATIENCE = 60_000
const AUDIENCE = 'api://countersign'
const identity = 'idn_1'

afterEach(() => {
  vi.unstubAllEnvs()
})

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
