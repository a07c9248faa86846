import type { Countersign } from '@countersign/core'
import { source } from '../support/engine.ts'
import type { Population } from './population.ts'
import { identityOf, ORGANIZATION, organizationOf } from './population.ts'

/** What is timed, each as a request sees it: nothing that a node remembers answers. */
export const OPERATIONS = ['login', 'authenticate', 'authenticate, static token'] as const

/** One of them. */
export type Operation = (typeof OPERATIONS)[number]

/** Workloads that log in to one database. */
export interface Site {
  /** Does it once for each workload, and answers how many milliseconds each one waited. */
  time(operation: Operation): Promise<readonly number[]>
  /** Logs everybody in at once, and answers how many logins a second that is. */
  rush(): Promise<number>
}

/** Lets workloads of a population log in, from all over it; where there is none, new ones. */
export async function openSite(
  countersign: Countersign,
  count: number,
  population?: Population,
): Promise<Site> {
  const bearers: Bearer[] = []
  for (let index = 0; index < count; index += 1) {
    const place = Math.floor((index + 0.5) * ((population?.identities ?? 0) / count))
    const home =
      population === undefined
        ? await createHome(countersign, index)
        : { organization: organizationOf(place, population), identity: identityOf(place) }
    bearers.push(await createBearer(countersign, home))
  }
  const acts = actsOn(countersign)
  return {
    async time(operation) {
      const waits: number[] = []
      for (const bearer of bearers) {
        const start = performance.now()
        await acts[operation](bearer)
        waits.push(performance.now() - start)
      }
      return waits
    },
    async rush() {
      const start = performance.now()
      await Promise.all(bearers.map(acts.login))
      return (bearers.length * 1000) / (performance.now() - start)
    },
  }
}

interface Home {
  readonly organization: string
  readonly identity: string
}

interface Bearer extends Home {
  readonly clientSecret: string
  readonly staticToken: string
  readonly accessToken: string
}

async function createHome(countersign: Countersign, index: number): Promise<Home> {
  const host = countersign.asHost('scale')
  await host.organizations.ensure({ id: ORGANIZATION, name: 'Acme' })
  const { identity } = await host.identities.create({
    organization: ORGANIZATION,
    name: `worker ${index}`,
    authMethod: { method: 'universal' },
  })
  return { organization: ORGANIZATION, identity: identity.id }
}

async function createBearer(countersign: Countersign, home: Home): Promise<Bearer> {
  const host = countersign.asHost('scale')
  const { clientSecret } = await host.clientSecrets.create({ ...home, maxUses: 1_000_000 })
  await host.authMethods.attach({ ...home, method: 'token' })
  const { staticToken } = await host.staticTokens.create({ ...home, name: 'scale' })
  const bearer = { ...home, clientSecret, staticToken, accessToken: '' }
  const { accessToken } = await actsOn(countersign).login(bearer)
  return { ...bearer, accessToken }
}

function actsOn(countersign: Countersign) {
  return {
    login: ({ identity, clientSecret }: Bearer) =>
      countersign.login({ method: 'universal', identity, credential: { clientSecret } }, source),
    authenticate: ({ accessToken }: Bearer) => countersign.authenticate(accessToken, source),
    'authenticate, static token': ({ staticToken }: Bearer) =>
      countersign.authenticate(staticToken, source),
  }
}
