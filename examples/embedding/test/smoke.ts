import assert from 'node:assert/strict'
import { startPostgres } from '@countersign/testkit'
import { aRootKey, start } from './host.ts'
import { aWorkload, PASSWORD, signIn, visitor } from './visit.ts'

// Starts the app on the built packages, as CommonJS, and lets a person and a workload in.
const server = await startPostgres(18)
try {
  const host = await start('after', server.url, { rootKey: aRootKey(), built: true })
  try {
    const email = 'ada@example.com'
    const account = { organization: 'Acme', email, password: PASSWORD }
    assert.equal((await visitor(host.url).post('/signup', account)).status, 201)
    const person = await signIn(host.url, email)
    const workload = await aWorkload(host.url, person, 'member')
    assert.equal((await workload.post('/reports', { title: 'Built' })).status, 201)
    const { body } = await person.get('/reports')
    assert.deepEqual(body, [{ id: 1, title: 'Built' }])
  } finally {
    assert.deepEqual(await host.stop(), { code: 0, stderr: '' })
  }
  console.log('An Express 4 app in CommonJS hosts people and workloads on its own Postgres')
} finally {
  await server.stop()
}
