import type { AwsCredentials } from '../sigv4.ts'
import { signRequest } from '../sigv4.ts'
import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'
import { stsHostOf } from './aws-web-identity.ts'

/** An identity, and the keys of AWS of what runs here. */
export interface AwsOptions {
  readonly identity: Provided
  /** Reads the keys, for every login anew: `awsCredentials(…)` looks where AWS puts them. */
  readonly credentials: (context: Parameters<LoginSource['read']>[0]) => Promise<AwsCredentials>
  /** The region whose STS is asked: `eu-central-1`. */
  readonly region: string
  /** What the login is for: the address of the host where left out. It is signed, so that nobody else can use it. */
  readonly audience?: string | undefined
  /** The header that carries the audience; `x-countersign-audience` where left out. */
  readonly audienceHeader?: string | undefined
}

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15'

/** Logs in by a signed `sts:GetCallerIdentity`, which the host sends on: the keys themselves stay here. */
export function aws(options: AwsOptions): LoginSource {
  const { identity, credentials, region, audienceHeader = 'x-countersign-audience' } = options
  return {
    kind: 'login',
    name: 'aws',
    async read(context) {
      const keys = await credentials(context)
      const host = stsHostOf(region)
      const headers = await signRequest(
        {
          method: 'POST',
          host,
          path: '/',
          headers: {
            'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
            [audienceHeader]: options.audience ?? context.audience,
          },
          body: BODY,
        },
        keys,
        { region, service: 'sts', at: context.runtime.wallClock() },
      )
      return {
        slug: 'aws-auth',
        fields: {
          identityId: await provide(identity),
          iamHttpRequestMethod: 'POST',
          iamRequestBody: btoa(BODY),
          iamRequestHeaders: btoa(
            JSON.stringify({ ...headers, 'content-length': `${BODY.length}` }),
          ),
        },
      }
    },
  }
}
