import type { UserClaim } from '@countersign/core'
import { createHandler } from '@countersign/http'
import type { Ca } from '@countersign/testkit/openssl'
import { aRoot, CLIENT } from '@countersign/testkit/openssl'
import { beforeAll, expect, test } from 'vitest'
import { anEngine, reasonOf, sourceOf } from './support/world.ts'

let root: Ca
beforeAll(async () => {
  root = await aRoot()
})

const ISSUER = 'https://countersign.test'
const ADMIN: UserClaim = { user: 'u_1', organization: 'acme', bindings: [{ role: 'admin' }] }

/** An engine whose administrator manages over HTTP, and a fresh identity. */
async function managed() {
  const world = await anEngine({ ca: root.cert, commonNames: ['unused'] })
  const handler = createHandler(world.countersign, { user: () => ADMIN })
  const created = await world.host.identities.create({ organization: 'acme', name: 'other' })
  const { id } = created.identity
  const ask = async (method: string, body?: object) => {
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
    const url = `${ISSUER}/api/v1/auth/tls-cert-auth/identities/${id}`
    const sent = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const answer = await handler.handle(new Request(url, sent), { address: '127.0.0.1' })
    return { status: answer?.status, body: (await answer?.json()) as Record<string, object> }
  }
  return { ...world, id, ask }
}

test('tls-cert-auth is attached, shown and changed as on Infisical’s wire', async () => {
  const { ask, id, login } = await managed()
  const said = { caCertificate: root.cert, allowedCommonNames: 'admin, ci-*' }
  const attached = await ask('POST', said)
  expect(attached.status).toBe(200)
  expect(attached.body['identityTlsCertAuth']).toMatchObject({
    identityId: id,
    caCertificate: root.cert,
    allowedCommonNames: 'admin,ci-*',
  })
  await login(sourceOf(await root.issue()), id)
  await login(sourceOf(await root.issue({ subject: '/CN=ci-7' })), id)
  const evil = sourceOf(await root.issue({ subject: '/CN=admin=evil' }))
  expect(await reasonOf(login(evil, id))).toBe('common_name_not_allowed')
  const names = { allowedCommonNames: '', allowedSubjectAltNames: ['api.example', 'URI:urn:x'] }
  expect((await ask('PATCH', names)).status).toBe(200)
  const shown = (await ask('GET')).body['identityTlsCertAuth']
  expect(shown).toMatchObject({ allowedSubjectAltNames: ['api.example', 'URI:urn:x'] })
  expect(shown).not.toHaveProperty('allowedCommonNames')
  const named = { extensions: [...CLIENT, 'subjectAltName=DNS:api.example'] }
  await login(sourceOf(await root.issue(named)), id)
})

test('tls-cert-auth is refused without names, and the answer says the field that was sent', async () => {
  const { ask } = await managed()
  expect((await ask('POST', { caCertificate: root.cert })).status).toBe(400)
  const wrong = await ask('POST', { caCertificate: 'x', allowedCommonNames: 'admin' })
  expect(wrong.status).toBe(400)
  expect(JSON.stringify(wrong.body)).toContain('caCertificate must be certificates')
  const stars = await ask('POST', { caCertificate: root.cert, allowedCommonNames: '*' })
  expect(JSON.stringify(stars.body)).toContain('allowedCommonNames')
})

test('tls-cert-auth takes pins, SPIFFE IDs and revocation by names of ours, and lets go of them', async () => {
  const { ask, id, login } = await managed()
  const leaf = await root.issue({ extensions: [...CLIENT, 'subjectAltName=URI:spiffe://prod/api'] })
  const revoked = await root.issue({
    extensions: [...CLIENT, 'subjectAltName=URI:spiffe://prod/web'],
  })
  await root.revoke(revoked)
  const ours = { allowedSpiffeIds: 'spiffe://prod/*', revocationLists: await root.crl() }
  const attached = await ask('POST', { caCertificate: root.cert, ...ours })
  expect(attached.body['identityTlsCertAuth']).toMatchObject(ours)
  await login(sourceOf(leaf), id)
  expect(await reasonOf(login(sourceOf(revoked), id))).toBe('certificate_revoked')
  const pinned = { allowedSerialNumbers: ['1'], revocationLists: '' }
  const { body } = await ask('PATCH', pinned)
  expect(body['identityTlsCertAuth']).toMatchObject({ allowedSerialNumbers: ['1'] })
  expect(body['identityTlsCertAuth']).not.toHaveProperty('revocationLists')
  expect(await reasonOf(login(sourceOf(leaf), id))).toBe('serial_not_allowed')
  const wrong = await ask('PATCH', { revocationLists: 'none' })
  expect(JSON.stringify(wrong.body)).toContain('revocationLists must be revocation lists')
})
