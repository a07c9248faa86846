import { describe, expect, test } from 'vitest'
import type { Adapter, HostGiven } from './adapter.ts'
import { PREFIX } from './adapter.ts'
import { JWKS, LOGIN } from './cases/case.ts'
import { HOST_HEADER } from './http-cases.ts'
import { bodyOf, faceOf } from './support/answer.ts'
import type { Listening } from './support/wire.ts'
import { answersIn, dial, listen, send } from './support/wire.ts'
import type { Workload, WorkloadGiven } from './support/workload.ts'
import { aWorkload } from './support/workload.ts'

type Mounted = Omit<HostGiven, 'countersign'>

const JSON_TYPE = { 'content-type': 'application/json' }

const credentialOf = ({ clientId, clientSecret }: Workload): string =>
  JSON.stringify({ clientId, clientSecret })

const headOf = (...headers: readonly string[]): string =>
  [`POST ${LOGIN} HTTP/1.1`, 'Host: host.example', ...headers, '', ''].join('\r\n')

/** Holds an adapter to what only a socket can say. */
export function describeSockets({ name, create }: Adapter): void {
  async function serving(
    run: (workload: Workload, server: Listening) => Promise<void>,
    given: WorkloadGiven & Mounted = {},
  ): Promise<void> {
    const workload = await aWorkload(given)
    const server = await listen(create({ ...given, countersign: workload.countersign }))
    try {
      await run(workload, server)
    } finally {
      await server.close()
    }
  }

  describe(`${name}, on the socket`, () => {
    test('HTP-001 login closes on a body of 33 kB that says so, without reading it', () =>
      serving(async (_workload, { port }) => {
        const client = dial(port)
        client.write(headOf('Content-Type: application/json', 'Content-Length: 33000'))
        expect(answersIn(await client.closed)).toEqual([413])
      }))

    test('HTP-002 login stops reading 10 MB of chunks, and closes', () =>
      serving(async (_workload, { port, read }) => {
        const client = dial(port)
        client.write(headOf('Content-Type: application/json', 'Transfer-Encoding: chunked'))
        const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
        const total = 10 * 1024
        let sent = 0
        const pump = (): void => {
          while (sent < total && !client.socket.destroyed) {
            sent += 1
            if (!client.socket.write(chunk)) return
          }
        }
        client.socket.on('drain', pump)
        pump()
        expect(answersIn(await client.closed)).toEqual([413])
        expect(read[0]).toBeLessThan(2 * 1024 * 1024)
      }))

    test('HTP-002 login takes no more than the length that was said', () =>
      serving(async (workload, { port }) => {
        const client = dial(port)
        client.write(headOf('Content-Type: application/json', 'Content-Length: 10'))
        client.write(`${credentialOf(workload)}\r\n\r\n`)
        const received = await client.closed
        expect(answersIn(received)[0]).toBe(400)
        expect(received).not.toContain('accessToken')
      }))

    test('HTP-002 login never runs where a body has two lengths', () =>
      serving(async (workload, { port }) => {
        const body = credentialOf(workload)
        const client = dial(port)
        const lengths = [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']
        client.write(headOf('Content-Type: application/json', ...lengths))
        client.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)
        const received = await client.closed
        expect(answersIn(received)).toEqual([400])
        expect(received).not.toContain('accessToken')
      }))

    test('HTP-010 login gives up on a slow body, and serves others meanwhile', async () => {
      const given: AbortController[] = []
      const bodyDeadline = (): AbortSignal => {
        const controller = new AbortController()
        given.push(controller)
        return controller.signal
      }
      await serving(
        async (workload, { port }) => {
          const client = dial(port)
          client.write(headOf('Content-Type: application/json', 'Content-Length: 100'))
          client.write('{')
          const body = credentialOf(workload)
          // The first answer of another connection shows that the server has turned to the slow one before.
          while (given.length === 0) await send(port, { path: '/other' })
          const quick = await send(port, { method: 'POST', path: LOGIN, headers: JSON_TYPE, body })
          expect(quick.status).toBe(200)
          given[0]?.abort()
          expect(answersIn(await client.closed)).toEqual([408])
        },
        { bodyDeadline },
      )
    })

    test('login leaves a connection open after a refusal that read its body', () =>
      serving(async (workload, { port }) => {
        const body = credentialOf(workload)
        const login = headOf('Content-Type: application/json', `Content-Length: ${body.length}`)
        const wrong = headOf('Content-Type: text/plain', `Content-Length: ${body.length}`)
        const last = login.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
        const client = dial(port)
        client.write(login + body + wrong + body + last + body)
        expect(answersIn(await client.closed)).toEqual([200, 415, 200])
      }))

    test('a guard refuses two Authorization headers, of which Node shows one', () =>
      serving(async (workload, { port }) => {
        const { accessToken } = await workload.login()
        const client = dial(port)
        const headers = [`Authorization: Bearer ${accessToken}`, 'Authorization: Bearer x']
        const head = headOf(...headers, 'Connection: close').replace(
          `POST ${LOGIN}`,
          'GET /guarded',
        )
        client.write(head)
        expect(answersIn(await client.closed)).toEqual([401])
      }))

    test('HTP-016 login answers a client id of two lines with headers of ours alone', () =>
      serving(async (workload, { port }) => {
        const clientId = 'x\r\nSet-Cookie: evil=1\r\n\r\n<script>'
        const body = JSON.stringify({ clientId, clientSecret: workload.clientSecret })
        const headers = { ...JSON_TYPE, 'x-request-id': 'evil é' }
        const answer = await send(port, { method: 'POST', path: LOGIN, headers, body })
        expect(answer.status).toBe(401)
        expect(JSON.stringify(answer)).not.toMatch(/evil|script|cookie/i)
      }))

    test('login shows an unknown id and a wrong secret the same bytes', () =>
      serving(async (workload, { port }) => {
        const { clientId, clientSecret } = workload
        const faces = []
        for (const presented of [
          { clientId: 'nobody', clientSecret },
          { clientId, clientSecret: 'wrong' },
        ]) {
          const body = JSON.stringify(presented)
          const answer = await send(port, { method: 'POST', path: LOGIN, headers: JSON_TYPE, body })
          faces.push(faceOf(answer))
        }
        expect(faces[0]).toMatch(/^401/)
        expect(faces[1]).toBe(faces[0])
      }))

    test('a path that is not ours finds its body unread', () =>
      serving(async (_workload, { port }) => {
        const answer = await send(port, {
          method: 'POST',
          path: '/other',
          body: 'x'.repeat(50_000),
        })
        expect(answer.headers[HOST_HEADER]).toBe('yes')
        expect(bodyOf(answer)).toEqual({ received: 50_000 })
      }))
  })

  describe(`${name}, where clients look for the keys`, () => {
    test.each([
      ['https://id.example.com', JWKS],
      ['https://id.example.com/identity', `${JWKS}/identity`],
    ])('the issuer %s has them at the root and behind its prefix', (issuer, atRoot) =>
      serving(
        async (_workload, { port }) => {
          for (const path of [atRoot, PREFIX + JWKS])
            expect(await send(port, { path })).toMatchObject({ status: 200 })
        },
        { issuer, mounting: 'under a prefix' },
      ),
    )
  })

  describe(`HTP-011 ${name}, where something has read the body`, () => {
    test.each([
      ['application/json', (own: Workload) => credentialOf(own)],
      [
        'application/x-www-form-urlencoded',
        ({ clientId, clientSecret }: Workload) =>
          new URLSearchParams({ clientId, clientSecret }).toString(),
      ],
    ])('HTP-011 login takes %s that a body parser has read', (type, bodyFor) =>
      serving(
        async (workload, { port }) => {
          const headers = { 'content-type': type }
          const body = bodyFor(workload)
          const answer = await send(port, { method: 'POST', path: LOGIN, headers, body })
          expect(answer.status).toBe(200)
        },
        { mounting: 'behind a body parser' },
      ),
    )
  })
}
