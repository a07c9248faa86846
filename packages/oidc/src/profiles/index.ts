import { bitbucket, buildkite, circleci, githubActions, gitlab, hcpTerraform } from './ci.ts'
import { aws, azureDevops, fly, google, spiffe, vercel } from './clouds.ts'
import type { Profile } from './profile.ts'

/** The platforms that are known, by the name that a policy calls them. */
export type ProfileName =
  | 'github-actions'
  | 'gitlab'
  | 'circleci'
  | 'buildkite'
  | 'bitbucket'
  | 'hcp-terraform'
  | 'vercel'
  | 'fly'
  | 'google'
  | 'azure-devops'
  | 'aws'
  | 'spiffe'

/** What is known of each. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'github-actions': githubActions,
  gitlab,
  circleci,
  buildkite,
  bitbucket,
  'hcp-terraform': hcpTerraform,
  vercel,
  fly,
  google,
  'azure-devops': azureDevops,
  aws,
  spiffe,
}

/** The profile that holds for a policy: the one that it names, or the one of an issuer that everybody shares. */
export function profileOf(
  name: ProfileName | undefined,
  issuer: string | undefined,
): Profile | undefined {
  if (name !== undefined) return PROFILES[name]
  return Object.values(PROFILES).find(({ issuers }) => issuers.shared.includes(issuer ?? ''))
}
