// A process that does everything that an engine writes, several things at a time, and says what it has done: it is killed
// in the middle of it.

import { writeSync } from 'node:fs'
import { createCountersign } from '@countersign/core'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'

const [url = '', rootKey = '', organization = '', identity = '', secret = '', given = ''] =
  process.argv.slice(2)
const source = { address: '192.0.2.1' }
const pool = new pg.Pool({ connectionString: url, max: 8 })
const countersign = createCountersign({
  issuer: 'https://id.example.com',
  rootKeys: [rootKey],
  storage: postgresStorage({ pool, timeout: 60 }),
  rateLimits: 'off',
})
await countersign.ready()
const host = countersign.asHost('victim')
let clientSecret = given
let id = secret
writeSync(1, 'ready\n')
const { signal } = new AbortController()
const background = countersign.run({ signal })
await Promise.all([logins(), logins(), rotations(), bindings(), keys(), background])

async function logins(): Promise<void> {
  for (;;) {
    const credential = { clientSecret }
    const { accessToken } = await countersign.login(
      { method: 'universal', identity, credential },
      source,
    )
    say('granted')
    const renewed = await countersign.renew(accessToken, source)
    await countersign.authenticate(renewed.accessToken, source)
    await countersign.revoke(renewed.accessToken, source)
    say('revoked')
  }
}

/** What a rotation did not return, nobody has: the workload stays with the secret before, and gets another one from people. */
async function rotations(): Promise<void> {
  for (;;) {
    const made = await host.clientSecrets
      .rotate({ organization, id })
      .catch(() => host.clientSecrets.create({ organization, identity, maxUses: 1_000_000 }))
    say(`secret ${made.id} ${made.clientSecret}`)
    clientSecret = made.clientSecret
    id = made.id
  }
}

async function bindings(): Promise<void> {
  for (;;) {
    const subject = { user: 'u_1' }
    const binding = await host.roleBindings.create({ organization, subject, role: 'viewer' })
    await host.roleBindings.delete({ organization, id: binding.id })
    say('bound')
  }
}

async function keys(): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    await host.signingKeys.rotate({ lead: 0 }).catch(() => undefined)
    say('rotated')
  }
}

function say(word: string): void {
  writeSync(1, `${word}\n`)
}
