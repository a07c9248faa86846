import { once } from 'node:events'
import { copyFile, readFile } from 'node:fs/promises'
import https from 'node:https'
import { join } from 'node:path'
import { createClient, tls, universal } from '@countersign/client'
import { certificateFetch } from '@countersign/client/node'
import type { Ca } from '@countersign/testkit/openssl'
import { aFolder, aRoot } from '@countersign/testkit/openssl'
import { beforeAll, describe, expect, test } from 'vitest'
import { listening, SERVER_CA, serverSide, serveTls } from './support/servers.ts'
import { anEngine } from './support/world.ts'

let root: Ca
beforeAll(async () => {
  root = await aRoot()
})

const PATIENCE = 60_000

/** An engine over TLS, and files that a workload finds its certificate in. */
async function aWorkload(subject = '/CN=admin') {
  const world = await anEngine({ ca: root.cert, commonNames: ['admin'] })
  const url = `https://127.0.0.1:${await serveTls(world.countersign)}`
  const folder = await aFolder()
  const [certFile, keyFile] = [join(folder, 'cert'), join(folder, 'key')]
  const put = async (named: string) => {
    const issued = await root.issue({ subject: named })
    await copyFile(issued.certFile, certFile)
    await copyFile(issued.keyFile, keyFile)
  }
  await put(subject)
  const fetch = certificateFetch({
    cert: () => readFile(certFile, 'utf8'),
    key: () => readFile(keyFile, 'utf8'),
    ca: SERVER_CA,
  })
  return { ...world, url, put, fetch }
}

describe('our own client', () => {
  test(
    'logs in by a certificate, renews and ends the login over the same',
    async () => {
      const { url, fetch, identity } = await aWorkload()
      const client = createClient({ url, auth: tls({ identity, fetch }) })
      expect(await client.token()).toMatch(/^ey/)
      const details = await client.fetch(`${url}/api/v1/identities/details`)
      expect(details.status).toBe(200)
      await client.revoke()
    },
    PATIENCE,
  )

  test(
    'is refused with another, and shows the new one once it was renewed',
    async () => {
      const { url, fetch, put, identity } = await aWorkload('/CN=evil')
      const client = () => createClient({ url, auth: tls({ identity, fetch }) })
      await expect(client().token()).rejects.toMatchObject({ code: 'invalid_credential' })
      await put('/CN=admin')
      expect(await client().token()).toMatch(/^ey/)
    },
    PATIENCE,
  )

  test(
    'holds tokens of other methods that are bound to the certificate',
    async () => {
      const { url, fetch, host, countersign } = await aWorkload()
      const created = await host.identities.create({ organization: 'acme', name: 'bound' })
      const { id } = created.identity
      const tokenPolicy = { boundTo: 'certificate' } as const
      const given = { organization: 'acme', identity: id, method: 'universal', policy: {} } as const
      await host.authMethods.attach({ ...given, tokenPolicy })
      const minted = await host.clientSecrets.create({ organization: 'acme', identity: id })
      const auth = universal({ clientId: id, clientSecret: minted.clientSecret })
      const client = createClient({ url, auth, fetch })
      const token = await client.token()
      await expect(countersign.authenticate(token, {})).rejects.toMatchObject({
        code: 'invalid_token',
      })
      expect((await client.fetch(`${url}/api/v1/identities/details`)).status).toBe(200)
      const without = certificateFetch({ cert: '', key: '', ca: SERVER_CA })
      await expect(createClient({ url, auth, fetch: without }).token()).rejects.toMatchObject({
        code: 'invalid_credential',
      })
    },
    PATIENCE,
  )
})

describe('certificateFetch()', () => {
  /** A server that tells what it got. */
  async function anEcho() {
    const server = https.createServer(serverSide, async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const sent = { method: request.method, body: Buffer.concat(chunks).toString() }
      if (request.url === '/moved') response.writeHead(302, { location: '/' }).end()
      else if (request.url === '/never') await once(request.socket, 'close')
      else if (request.url === '/empty') response.writeHead(204).end()
      else response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'] }).end(JSON.stringify(sent))
    })
    return `https://127.0.0.1:${await listening(server)}`
  }
  const fetch = async () => {
    const { cert, key } = await root.issue()
    return certificateFetch({ cert, key, ca: SERVER_CA })
  }

  test(
    'answers as fetch does',
    async () => {
      const [url, ask] = [await anEcho(), await fetch()]
      const response = await ask(url, { method: 'POST', body: 'some words' })
      expect([response.status, response.headers.getSetCookie()]).toEqual([201, ['a=1', 'b=2']])
      expect(await response.json()).toEqual({ method: 'POST', body: 'some words' })
      expect((await ask(`${url}/empty`)).body).toBeNull()
      expect((await ask(`${url}/moved`, { redirect: 'manual' })).status).toBe(302)
    },
    PATIENCE,
  )

  test(
    'follows nobody, speaks to nobody in the clear, and ends when it is told to',
    async () => {
      const [url, ask] = [await anEcho(), await fetch()]
      await expect(ask(`${url}/moved`)).rejects.toThrow(TypeError)
      await expect(ask(url.replace('https', 'http'))).rejects.toThrow('over https alone')
      await expect(certificateFetch({ cert: '', key: '' })(url)).rejects.toThrow('fetch failed')
      const over = new AbortController()
      const waiting = ask(`${url}/never`, { signal: over.signal })
      over.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
    },
    PATIENCE,
  )
})
