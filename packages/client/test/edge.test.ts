import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'

// An edge runtime has the globals of the web, and none of Node's.
const WEB = {
  AbortController,
  AbortSignal,
  Headers,
  ReadableStream,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  atob,
  btoa,
  clearTimeout,
  crypto,
  fetch,
  performance,
  setTimeout,
}

/** What a bundle for a browser makes of a module, in a world without Node. */
async function atTheEdge(contents: string, given: object): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    stdin: {
      contents,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    format: 'iife',
    globalName: 'bundle',
    platform: 'browser',
    conditions: ['@countersign/source'],
    write: false,
  })
  const world = createContext({ ...WEB, given })
  runInContext(outputFiles[0]?.text ?? '', world)
  return runInContext('bundle.main()', world)
}

/** A host that grants, and refuses whoever does not show what it granted. */
async function aHost() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`.trim())
    const answer = request.url?.endsWith('/login')
      ? { accessToken: 'granted', expiresIn: 600, accessTokenMaxTTL: 600, tokenType: 'Bearer' }
      : {}
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('logs in, calls and revokes where there is nothing of Node', { timeout: 30_000 }, async () => {
  const { url, asked } = await aHost()
  const found = await atTheEdge(
    `
    import { aws, auto, createClient, universal } from '@countersign/client'
    declare const given: { url: string }
    export async function main() {
      const auth = universal({ clientId: 'idn_1', clientSecret: () => 'secret' })
      const client = createClient({ url: given.url, auth })
      const { status } = await client.fetch(given.url + '/orders')
      await client.revoke()
      const credentials = async () => ({ accessKeyId: 'A', secretAccessKey: 'S' })
      const runtime = { wallClock: () => new Date(0) }
      const signed = await aws({ identity: 'idn_1', region: 'eu-west-1', credentials }).read({
        runtime, audience: given.url,
      } as never)
      return { status, slug: signed.slug, node: typeof process + typeof Buffer }
    }`,
    { url },
  )
  expect(found).toMatchObject({
    status: 200,
    slug: 'aws-auth',
    node: 'undefinedundefined',
  })
  expect(asked).toEqual([
    '/api/v1/auth/universal-auth/login',
    '/orders Bearer granted',
    expect.stringContaining('/api/v1/auth/token/revoke'),
  ])
})

test('the world of this test has nothing of Node', { timeout: 30_000 }, async () => {
  const main = `export const main = () => process.version`
  await expect(atTheEdge(main, {})).rejects.toThrow('process is not defined')
})
