import { parseWith } from '@countersign/core/plugin'
import type { OidcPolicy, ProfileName } from '@countersign/oidc'
import { oidc, PROFILES } from '@countersign/oidc'
import { describe, expect, test } from 'vitest'
import { aWorld, refusalOf } from './support/world.ts'

const UUID = '6f1e2d3c-0000-4000-8000-0123456789ab'
const AWS_CLAIM = '/https:~1~1sts.amazonaws.com~1'

type Trust = Omit<OidcPolicy, 'audiences'> & { readonly audiences?: readonly string[] }

/** For each platform: trust that is as narrow as it should be, and trust that is not. */
const cases: Readonly<
  Record<Exclude<ProfileName, 'spiffe'>, { good: Trust[]; bad: Trust[]; subjects: string[] }>
> = {
  'github-actions': {
    good: [
      {
        issuer: 'https://token.actions.githubusercontent.com',
        claims: { repository_id: '456', ref: 'refs/heads/main' },
      },
      {
        issuer: 'https://token.actions.githubusercontent.com',
        claims: { repository_owner_id: { in: ['1', '2'] } },
      },
      {
        issuer: 'https://token.actions.githubusercontent.com',
        subject: { glob: 'repo:octo@123/app@456:**' },
      },
      { issuer: 'https://ghe.example.com/_services/token', claims: { repository_id: '1' } },
    ],
    bad: [
      {
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:org/app:ref:refs/heads/main',
      },
      { issuer: 'https://token.actions.githubusercontent.com', claims: { repository: 'org/app' } },
      {
        issuer: 'https://token.actions.githubusercontent.com',
        claims: { repository_id: { glob: '*' } },
      },
      {
        issuer: 'https://token.actions.githubusercontent.com',
        claims: { repository_id: { not: '1' } },
      },
      {
        issuer: 'https://token.actions.githubusercontent.com',
        subject: { glob: 'repo:octo*/app@456:**' },
      },
      { issuer: 'https://token.actions.githubusercontent.com', anySubject: true },
      {
        issuer: 'https://token.actions.githubusercontent.com',
        claims: { repository_id: '1' },
        audiences: ['https://github.com/org'],
      },
      { issuer: 'https://evil.example', profile: 'github-actions', claims: { repository_id: '1' } },
    ],
    subjects: ['repo:org/app:ref:refs/heads/main', 'repo:org@1/app@2:environment:prod'],
  },
  gitlab: {
    good: [{ issuer: 'https://gitlab.com', claims: { project_id: '7', ref_protected: 'true' } }],
    bad: [
      { issuer: 'https://gitlab.com', claims: { project_path: 'g/p' } },
      { issuer: 'https://gitlab.com', subject: 'project_path:g/p:ref_type:branch:ref:main' },
    ],
    subjects: ['project_path:g/p:ref_type:branch:ref:main'],
  },
  circleci: {
    good: [
      {
        issuer: `https://oidc.circleci.com/org/${UUID}`,
        claims: { 'oidc.circleci.com/project-id': UUID },
      },
    ],
    bad: [
      {
        issuer: `https://oidc.circleci.com/org/${UUID}`,
        claims: { 'oidc.circleci.com/vcs-ref': 'x' },
      },
      {
        issuer: `https://oidc.circleci.com/org/${UUID}`,
        claims: { 'oidc.circleci.com/project-id': UUID },
        audiences: [UUID],
      },
    ],
    subjects: [`org/${UUID}/project/${UUID}/user/${UUID}`],
  },
  buildkite: {
    good: [{ issuer: 'https://agent.buildkite.com', claims: { pipeline_id: UUID } }],
    bad: [{ issuer: 'https://agent.buildkite.com', claims: { organization_slug: 'acme' } }],
    subjects: ['organization:acme:pipeline:deploy:ref:refs/heads/main:commit:abc:step:build'],
  },
  bitbucket: {
    good: [
      {
        issuer: 'https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc',
        claims: { repositoryUuid: `{${UUID}}` },
      },
    ],
    bad: [
      {
        issuer: 'https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc',
        claims: { branchName: 'main' },
      },
    ],
    subjects: [`{${UUID}}:{${UUID}}`],
  },
  'hcp-terraform': {
    good: [{ issuer: 'https://app.terraform.io', claims: { terraform_workspace_id: 'ws-1' } }],
    bad: [{ issuer: 'https://app.terraform.io', subject: { glob: 'organization:acme:**' } }],
    subjects: ['organization:acme:project:p:workspace:w:run_phase:plan'],
  },
  vercel: {
    good: [
      {
        issuer: 'https://oidc.vercel.com/acme',
        claims: { project_id: 'prj_1', environment: 'production' },
      },
    ],
    bad: [{ issuer: 'https://oidc.vercel.com', claims: { environment: 'production' } }],
    subjects: ['owner:acme:project:web:environment:production'],
  },
  fly: {
    good: [{ issuer: 'https://oidc.fly.io/acme', claims: { app_id: '7' } }],
    bad: [{ issuer: 'https://oidc.fly.io/acme', claims: { app_name: 'web' } }],
    subjects: ['acme:web:machine'],
  },
  google: {
    good: [
      { issuer: 'https://accounts.google.com', subject: '112233445566778899' },
      {
        issuer: 'https://accounts.google.com',
        claims: { '/google/compute_engine/project_number': 123456 },
      },
    ],
    bad: [
      { issuer: 'https://accounts.google.com', claims: { email: 'a@b.example' } },
      { issuer: 'https://accounts.google.com', claims: { hd: 'b.example' } },
    ],
    subjects: ['112233445566778899'],
  },
  'azure-devops': {
    good: [
      { issuer: `https://vstoken.dev.azure.com/${UUID}`, subject: 'sc://acme/project/connection' },
    ],
    bad: [{ issuer: `https://vstoken.dev.azure.com/${UUID}`, subject: { glob: 'sc://acme/**' } }],
    subjects: ['sc://acme/project/connection'],
  },
  aws: {
    good: [
      {
        issuer: `https://${UUID}.tokens.sts.global.api.aws`,
        subject: 'arn:aws:iam::123456789012:role/deploy',
      },
      {
        issuer: `https://${UUID}.tokens.sts.global.api.aws`,
        claims: { [`${AWS_CLAIM}/aws_account`]: '123456789012' },
      },
    ],
    bad: [
      {
        issuer: `https://${UUID}.tokens.sts.global.api.aws`,
        claims: { [`${AWS_CLAIM}/request_tags/team`]: 'x' },
      },
    ],
    subjects: ['arn:aws:iam::123456789012:role/deploy'],
  },
}

const { policy } = oidc()

describe.each(Object.entries(cases))('the profile %s', (name, { good, bad, subjects }) => {
  const profile = name as ProfileName

  test('accepts trust in what stays with one owner', () => {
    for (const trust of good)
      expect(
        parseWith(policy, { audiences: ['https://us.example'], profile, ...trust }),
      ).toHaveProperty('value')
  })

  test('refuses trust in what others choose, and in the audience alone', () => {
    const [{ claims: _claims, subject: _subject, ...nobody } = { issuer: '' }] = good
    for (const trust of [...bad, { ...nobody, anySubject: true as const }, nobody])
      expect(
        parseWith(policy, { audiences: ['https://us.example'], profile, ...trust }),
      ).toHaveProperty('problem')
  })

  test('holds for an issuer that strangers share, named or not', () => {
    const [issuer = ''] = PROFILES[profile].issuers.shared
    for (const trust of bad.filter((unsafe) => unsafe.issuer === issuer))
      expect(parseWith(policy, { audiences: ['https://us.example'], ...trust })).toHaveProperty(
        'problem',
      )
  })

  test('knows the form of its subjects', () => {
    for (const subject of subjects) expect(subject).toMatch(PROFILES[profile].subject)
    for (const subject of ['', 'a b', '\n', 'x\n'])
      expect(subject).not.toMatch(PROFILES[profile].subject)
  })
})

test('a refusal names what would be enough', async () => {
  const { byOidc } = await aWorld()
  const issuer = 'https://token.actions.githubusercontent.com'
  const attempt = byOidc({
    issuer,
    audiences: ['https://us.example'],
    claims: { repository: 'org/app' },
  })
  expect((await refusalOf(attempt)).message).toBe(
    'The input must bind what stays with one owner of GitHub Actions, exactly: repository_id or repository_owner_id or enterprise_id or the subject with its ids',
  )
})
