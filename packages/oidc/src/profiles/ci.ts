import type { Profile } from './profile.ts'

/** Platforms that run jobs of whoever registers: names and branches there are chosen by whoever owns them today. */

export const githubActions: Profile = {
  title: 'GitHub Actions',
  issuers: {
    shared: ['https://token.actions.githubusercontent.com'],
    own: /^https:\/\/(?:token\.actions\.githubusercontent\.com\/[a-z0-9-]+|[a-z0-9.-]+\/_services\/token)$/,
  },
  subject: /^[^\s]{1,1024}$/,
  tenant: ['repository_id', 'repository_owner_id', 'enterprise_id'],
  tenantSubject: /^repo:[A-Za-z0-9._-]+@\d+\/[A-Za-z0-9._-]+@\d+:/,
  refusedAudiences: /^https:\/\/github\.com\//,
  unsafe: [
    'repository',
    'repository_owner',
    'sub by names',
    'actor',
    'ref',
    'environment',
    'workflow',
  ],
  algorithms: ['RS256'],
}

export const gitlab: Profile = {
  title: 'GitLab CI',
  issuers: { shared: ['https://gitlab.com'], own: /^https:\/\// },
  subject: /^(?:project_path|group|user):[^\s]{1,1024}$/,
  tenant: ['namespace_id', 'project_id'],
  unsafe: ['project_path', 'namespace_path', 'sub', 'user_login', 'ref', 'pipeline_source'],
  algorithms: ['RS256'],
}

export const circleci: Profile = {
  title: 'CircleCI',
  issuers: { shared: [], own: /^https:\/\/oidc\.circleci\.com\/org\/[0-9a-f-]{36}$/ },
  subject: /^org\/[0-9a-f-]{36}\/project\/[0-9a-f-]{36}\/.{1,512}$/,
  tenant: ['oidc.circleci.com/project-id'],
  tenantSubject: /^org\/[0-9a-f-]{36}\/project\/[0-9a-f-]{36}\//,
  refusedAudiences: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  unsafe: [
    'oidc.circleci.com/vcs-ref',
    'oidc.circleci.com/vcs-origin',
    'oidc.circleci.com/context-ids',
  ],
  algorithms: ['RS256'],
}

export const buildkite: Profile = {
  title: 'Buildkite',
  issuers: { shared: ['https://agent.buildkite.com'] },
  subject: /^organization:[a-z0-9-]+:pipeline:[a-z0-9-]+:.{1,1024}$/,
  tenant: ['organization_id', 'pipeline_id'],
  unsafe: ['organization_slug', 'pipeline_slug', 'sub', 'build_branch', 'step_key'],
  algorithms: ['RS256'],
}

export const bitbucket: Profile = {
  title: 'Bitbucket Pipelines',
  issuers: {
    shared: [],
    own: /^https:\/\/api\.bitbucket\.org\/2\.0\/workspaces\/[^/]+\/pipelines-config\/identity\/oidc$/,
  },
  subject: /^\{[0-9a-f-]{36}\}(?::\{[0-9a-f-]{36}\}){1,2}$/,
  tenant: ['repositoryUuid', 'workspaceUuid'],
  tenantSubject: /^\{[0-9a-f-]{36}\}:/,
  unsafe: ['branchName', 'deploymentEnvironmentUuid', 'stepUuid'],
  algorithms: ['RS256'],
}

export const hcpTerraform: Profile = {
  title: 'HCP Terraform',
  issuers: { shared: ['https://app.terraform.io'], own: /^https:\/\/[a-z0-9.-]+$/ },
  subject: /^organization:[^:]+:project:[^:]+:workspace:[^:]+:run_phase:(?:plan|apply)$/,
  tenant: ['terraform_organization_id', 'terraform_project_id', 'terraform_workspace_id'],
  unsafe: ['terraform_organization_name', 'terraform_workspace_name', 'sub', 'terraform_run_phase'],
  algorithms: ['RS256'],
}
