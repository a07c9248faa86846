import type { SourceContext } from '@countersign/client'
import { auto, SERVICE_ACCOUNT_TOKEN } from '@countersign/client'
import { describe, expect, test } from 'vitest'
import { systemRuntime } from '../src/system-runtime.ts'

const identity = 'idn_1'

const context: SourceContext = {
  runtime: systemRuntime,
  signal: new AbortController().signal,
  audience: 'https://id.example.com',
}

const at = (environment: Record<string, string>, ...files: string[]) =>
  auto(
    {
      environment: { COUNTERSIGN_IDENTITY: identity, ...environment },
      readFile: async (path) => `content of ${path}`,
      fileExists: (path) => files.includes(path),
    },
    { audience: 'api://app' },
  )

const AWS = { AWS_REGION: 'eu-west-1' }

const table: readonly [string, Record<string, string>, string, string][] = [
  ['a token', { COUNTERSIGN_TOKEN: 'x', ...AWS }, 'static token', 'COUNTERSIGN_TOKEN'],
  [
    'a secret',
    { COUNTERSIGN_CLIENT_ID: 'i', COUNTERSIGN_CLIENT_SECRET: 's' },
    'universal',
    'COUNTERSIGN_CLIENT_SECRET',
  ],
  [
    'a job of GitHub on a machine of Google',
    { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x', K_SERVICE: 's' },
    'github actions',
    'ACTIONS_ID_TOKEN_REQUEST_URL',
  ],
  [
    'a job of GitLab',
    { GITLAB_CI: 'true', COUNTERSIGN_ID_TOKEN: 'eyJ' },
    'gitlab',
    'COUNTERSIGN_ID_TOKEN',
  ],
  ['any other token', { COUNTERSIGN_ID_TOKEN: 'eyJ' }, 'oidc', 'COUNTERSIGN_ID_TOKEN'],
  [
    'CircleCI',
    { CIRCLE_OIDC_TOKEN: 'v1', CIRCLE_OIDC_TOKEN_V2: 'v2' },
    'circleci',
    'CIRCLE_OIDC_TOKEN_V2',
  ],
  ['Bitbucket', { BITBUCKET_STEP_OIDC_TOKEN: 'x' }, 'bitbucket', 'BITBUCKET_STEP_OIDC_TOKEN'],
  [
    'HCP Terraform, our tag first',
    { TFC_WORKLOAD_IDENTITY_TOKEN: 'a', TFC_WORKLOAD_IDENTITY_TOKEN_COUNTERSIGN: 'b' },
    'hcp terraform',
    'TFC_WORKLOAD_IDENTITY_TOKEN_COUNTERSIGN',
  ],
  ['Vercel', { VERCEL_OIDC_TOKEN: 'x' }, 'vercel', 'VERCEL_OIDC_TOKEN'],
  [
    'Buildkite on an instance of AWS',
    { BUILDKITE_AGENT_ACCESS_TOKEN: 'x', AWS_ACCESS_KEY_ID: 'k', ...AWS },
    'buildkite',
    'BUILDKITE_AGENT_ACCESS_TOKEN',
  ],
  ['SPIFFE', { COUNTERSIGN_JWT_SVID_FILE: '/run/svid' }, 'spiffe', 'COUNTERSIGN_JWT_SVID_FILE'],
  ['Azure workload', { AZURE_FEDERATED_TOKEN_FILE: '/t' }, 'azure workload', 'AZURE_FEDERATED'],
  ['App Service', { IDENTITY_ENDPOINT: 'http://127.0.0.1' }, 'azure', 'IDENTITY_ENDPOINT'],
  [
    'a role of a service account (IRSA)',
    { AWS_WEB_IDENTITY_TOKEN_FILE: '/t', ...AWS },
    'aws',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
  ],
  ['Lambda', { AWS_EXECUTION_ENV: 'AWS_Lambda', ...AWS }, 'aws', 'AWS_EXECUTION_ENV'],
  ['Cloud Run', { K_SERVICE: 's' }, 'gcp', 'K_SERVICE'],
]

describe('auto()', () => {
  test.each(table)('recognizes %s, and says what it found', (_what, environment, name, by) => {
    const source = at(environment, SERVICE_ACCOUNT_TOKEN)
    expect(source.name).toBe(name)
    expect(source.found).toContain(`, by ${by}`)
  })

  test('recognizes a pod last, and says so where it recognizes nothing', () => {
    expect(at({}, SERVICE_ACCOUNT_TOKEN).found).toBe(`kubernetes, by ${SERVICE_ACCOUNT_TOKEN}`)
    expect(() => at({})).toThrow('No platform was recognized')
    expect(() => at({ K_SERVICE: 's', COUNTERSIGN_IDENTITY: '' })).toThrow('COUNTERSIGN_IDENTITY')
    expect(() => at({ AWS_ACCESS_KEY_ID: 'x' })).toThrow('AWS_REGION')
  })

  test('reads a variable of a job anew for every login', async () => {
    const environment: Record<string, string> = { VERCEL_OIDC_TOKEN: 'one' }
    const surroundings = { environment, fileExists: () => false, readFile: async () => '' }
    const source = auto(surroundings, { identity })
    expect(await source.read(context)).toMatchObject({ fields: { jwt: 'one' } })
    environment['VERCEL_OIDC_TOKEN'] = 'two'
    expect(await source.read(context)).toMatchObject({ fields: { jwt: 'two' } })
    delete environment['VERCEL_OIDC_TOKEN']
    await expect(source.read(context)).rejects.toMatchObject({ code: 'evidence_missing' })
  })
})
