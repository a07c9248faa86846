import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LoginSource } from '@countersign/client'
import { auto, aws, awsCredentials } from '@countersign/client'
import { surroundingsOf } from '@countersign/client/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { aFolder, context, read, setting, shapeOf } from './support/official.ts'
import type { Asked } from './support/platform.ts'
import { aPlatform } from './support/platform.ts'

// AWS is asked by its own library and by ours; what it was asked is compared.

const identity = 'idn_1'
const PATIENCE = 60_000

afterEach(() => {
  vi.unstubAllEnvs()
})

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
