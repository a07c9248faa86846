import { describe, expect, test } from 'vitest'
import type { Storage } from '../../src/ports/storage.ts'
import { anEngine } from '../support/engine.ts'
import { createOutage } from '../support/storage.ts'
import { aWorkload, HOME, WRONG } from '../support/workload.ts'

/** Puts every verb of a store where a class has its own: on the prototype. */
function asInstance<Store extends object>(store: Store): Store {
  const verbs = Object.fromEntries(
    Object.entries(store).filter(([, verb]) => typeof verb === 'function'),
  )
  const members = Object.entries(store).filter(([name]) => !(name in verbs))
  return Object.assign(Object.create(verbs), Object.fromEntries(members))
}

/** An adapter that is a class, with a pool of its own that leads back to it. */
function asClasses(storage: Storage): Storage {
  const members = Object.entries(storage).map(([name, member]) => [
    name,
    typeof member === 'object' ? asInstance(member) : member,
  ])
  const instance = asInstance(Object.fromEntries(members))
  return Object.assign(instance, { pool: { owner: instance } })
}

describe('a storage', () => {
  test('may be made of classes, with members of its own', async () => {
    const workload = await aWorkload({ engine: anEngine({ around: asClasses }) })
    const { accessToken } = await workload.login()
    await expect(workload.countersign.authenticate(accessToken, HOME)).resolves.toBeDefined()
    await workload.countersign.maintain()
    await workload.countersign.close()
  })

  test('that throws from a class is unavailable, too', async () => {
    const outage = createOutage()
    const around = (storage: Storage): Storage => asClasses(outage.around(storage))
    const workload = await aWorkload({ engine: anEngine({ around }) })
    outage.begin()
    await expect(workload.login()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(workload.host.organizations.list()).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('that was away gets the rows of the minutes before it was, once', async () => {
    const outage = createOutage()
    const workload = await aWorkload({
      engine: anEngine({ around: outage.around }),
      lockout: 'off',
    })
    for (let count = 0; count < 65; count += 1)
      await expect(workload.login(HOME, WRONG)).rejects.toThrow()
    workload.clock.advance(60)
    outage.begin('outbox.append')
    for (let pass = 0; pass < 2; pass += 1)
      await expect(workload.countersign.maintain()).rejects.toMatchObject({ code: 'unavailable' })
    outage.end()
    for (let pass = 0; pass < 2; pass += 1) await workload.countersign.maintain()
    const folded = (await workload.recorded()).filter(({ count }) => count !== undefined)
    expect(folded).toMatchObject([{ reason: 'wrong_secret', count: 5 }])
  })
})
