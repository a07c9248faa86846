import { testCountersign } from '@countersign/testing'
import { resources } from '../src/app.ts'

export const organization = 'acme'
export const HOME = { address: '192.0.2.1' }
export const AWAY = { address: '203.0.113.9' }

/** An engine in the words of the app, with the projects `web` and `api`, and a clock that is moved by hand. */
export async function aWorld() {
  const countersign = testCountersign({ resources })
  const host = countersign.asHost('test')
  await host.organizations.ensure({ id: organization, name: 'Acme' })
  for (const id of ['web', 'api']) await host.projects.ensure({ organization, id, name: id })
  return { countersign, clock: countersign.clock, host }
}

export type World = Awaited<ReturnType<typeof aWorld>>
