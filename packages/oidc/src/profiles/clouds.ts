import type { Profile } from './profile.ts'

/** Platforms that run workloads. */

export const vercel: Profile = {
  title: 'Vercel',
  issuers: {
    shared: ['https://oidc.vercel.com'],
    own: /^https:\/\/oidc\.vercel\.com\/[A-Za-z0-9-]+$/,
  },
  subject: /^owner:[^:]+:project:[^:]+:environment:[^:]+$/,
  tenant: ['owner_id', 'project_id'],
  refusedAudiences: /^https:\/\/vercel\.com\//,
  unsafe: ['owner', 'project', 'sub', 'environment'],
  algorithms: ['RS256'],
}

export const fly: Profile = {
  title: 'Fly.io',
  issuers: { shared: [], own: /^https:\/\/oidc\.fly\.io\/[A-Za-z0-9-]+$/ },
  subject: /^[^:\s]+:[^:\s]+:[^\s]+$/,
  tenant: ['org_id', 'app_id'],
  refusedAudiences: /^https:\/\/fly\.io\//,
  unsafe: ['org_name', 'app_name', 'machine_name', 'region', 'image'],
  algorithms: ['RS256'],
}

export const google: Profile = {
  title: 'Google',
  issuers: { shared: ['https://accounts.google.com'] },
  subject: /^\d{6,32}$/,
  tenant: ['/google/compute_engine/project_number', '/google/compute_engine/instance_id'],
  tenantSubject: /^\d{6,32}$/,
  unsafe: ['email', 'azp', 'hd', '/google/compute_engine/project_id'],
  algorithms: ['RS256'],
}

export const azureDevops: Profile = {
  title: 'Azure DevOps',
  issuers: {
    shared: [],
    own: /^https:\/\/(?:vstoken\.dev\.azure\.com\/[0-9a-f-]{36}|login\.microsoftonline\.com\/[0-9a-f-]{36}\/v2\.0)$/,
  },
  subject: /^(?:sc:\/\/[^/]+\/[^/]+\/[^/]+|\/eid1\/[^\s]+)$/,
  tenant: [],
  tenantSubject: /^(?:sc:\/\/[^/]+\/[^/]+\/[^/]+$|\/eid1\/[^\s]+$)/,
  unsafe: ['org_id', 'a subject with wildcards'],
  algorithms: ['RS256'],
}

const AWS = '/https:~1~1sts.amazonaws.com~1'

export const aws: Profile = {
  title: 'AWS outbound web identity',
  issuers: { shared: [], own: /^https:\/\/[0-9a-f-]{36}\.tokens\.sts\.global\.api\.aws$/ },
  subject: /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[^\s]+$/,
  tenant: [`${AWS}/aws_account`, `${AWS}/org_id`, `${AWS}/ou_path`],
  tenantSubject: /^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/./,
  unsafe: [`${AWS}/principal_tags`, `${AWS}/request_tags`],
  algorithms: ['ES384', 'RS256'],
}

/** SPIFFE ids, 2.1 to 2.4: a trust domain, and segments that are neither empty nor dots. */
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/

export const spiffe: Profile = {
  title: 'SPIFFE JWT-SVID',
  issuers: { shared: [] },
  subject: SPIFFE_ID,
  tenant: [],
  tenantSubject: /^spiffe:\/\/[a-z0-9._-]{1,255}\/./,
  unsafe: ['iss', 'the trust domain alone'],
  algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'],
  undated: true,
  keyUses: ['jwt-svid', 'sig'],
}
