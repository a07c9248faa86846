import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Adapter } from './adapter.ts'
import { mountings, PREFIX } from './adapter.ts'
import type { HttpCase } from './cases/case.ts'
import { CREDENTIAL, FORM, form, GRANTED, LOGIN, post } from './cases/case.ts'
import { expectCase, httpCases } from './http-cases.ts'
import type { Listening } from './support/wire.ts'
import { listen, send } from './support/wire.ts'
import type { Workload } from './support/workload.ts'
import { aWorkload } from './support/workload.ts'

const parsedCases: readonly HttpCase[] = [
  {
    name: 'HTP-011 login takes JSON that the host has parsed already',
    request: post(LOGIN, CREDENTIAL),
    expected: GRANTED,
  },
  {
    name: 'HTP-011 login takes a form that the host has parsed already',
    request: form(FORM),
    expected: GRANTED,
  },
]

/** What a parser leaves, as the table of cases asks. */
const PARSED: Readonly<Record<string, boolean | 'as text'>> = {
  'its value': true,
  'the text': 'as text',
  everything: false,
}

/** Holds an adapter to the table of requests, over real sockets, in every mounting. */
export function describeCases({ name, create, leaves, refusesTargets = false }: Adapter): void {
  describe.each(mountings)(`${name}, %s`, (mounting) => {
    let workload: Workload
    let server: Listening
    beforeAll(async () => {
      workload = await aWorkload({ lockout: 'off' })
      server = await listen(create({ countersign: workload.countersign, mounting }))
    })
    afterAll(() => server.close())

    test.runIf(mounting === 'behind a body parser').each(parsedCases)('$name', (one) =>
      expectCase(one, workload, { ask: (sent) => send(server.port, sent), parsed: true }),
    )

    test.each(httpCases)('$name', async (one) => {
      const prefix = mounting === 'under a prefix' ? PREFIX : ''
      await expectCase(one, workload, {
        ask: (request) => send(server.port, { ...request, path: prefix + request.path }),
        parsed: mounting === 'behind a body parser' && (PARSED[leaves ?? 'its value'] ?? true),
        refusesTargets,
      })
    })
  })
}
