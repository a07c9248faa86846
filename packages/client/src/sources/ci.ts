import { ClientError } from '../client-error.ts'
import type { LoginSource } from '../source.ts'
import { provide } from '../source.ts'
import type { AssertionOptions } from './assertion.ts'
import { assertionSource } from './assertion.ts'

type JobSource = (options: AssertionOptions) => LoginSource

/** Jobs whose platform puts an OpenID Connect token into a variable, and how a job comes by it. */
const ofJob =
  (name: string, advice: string): JobSource =>
  ({ identity, token }) =>
    assertionSource(name, 'oidc-auth', identity, async () => {
      const jwt = await provide(token)
      if (jwt === '') throw new ClientError('evidence_missing', `${name}: no token; ${advice}`)
      return jwt
    })

/** Logs in by an ID token of GitLab CI: the variable that `id_tokens` of the job names. */
export const gitlab: JobSource = ofJob('gitlab', 'declare one under "id_tokens" of the job')

/** Logs in by the token of a job of CircleCI: `CIRCLE_OIDC_TOKEN_V2`. */
export const circleci: JobSource = ofJob(
  'circleci',
  'a job has CIRCLE_OIDC_TOKEN_V2 where it uses a context',
)

/** Logs in by the token of a step of Bitbucket Pipelines, which has `oidc: true`: `BITBUCKET_STEP_OIDC_TOKEN`. */
export const bitbucket: JobSource = ofJob('bitbucket', 'the step needs "oidc: true"')

/** Logs in by the workload identity of a run of HCP Terraform: `TFC_WORKLOAD_IDENTITY_TOKEN`, or one with a tag. */
export const hcpTerraform: JobSource = ofJob(
  'hcp terraform',
  'set TFC_WORKLOAD_IDENTITY_AUDIENCE in the workspace',
)

/** Logs in by the token of a build of Vercel, `VERCEL_OIDC_TOKEN`, or of a function, the header `x-vercel-oidc-token`. */
export const vercel: JobSource = ofJob(
  'vercel',
  'turn "Secure Backend Access with OIDC Federation" on in the project',
)
