import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is shown at each route. */
const EVIDENCE: Readonly<Record<string, string | undefined>> = {
  login: 'secret',
  renew: 'granted',
  revoke: 'renewed',
}

/** A host of a few lines, which grants what it is asked for and says what was shown. */
export async function startHost() {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const { authorization = '', dpop } = request.headers
    const reply = (status: number, body: object | string) =>
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    if (request.url === '/orders') return reply(200, `${text}, ${authorization}`)
    const evidence = EVIDENCE[request.url?.split('/').at(-1) ?? '']
    if (evidence === undefined || !text.includes(`"${evidence}"`))
      return reply(401, { message: 'No' })
    const accessToken = evidence === 'secret' ? 'granted' : 'renewed'
    const tokenType = dpop === undefined ? 'Bearer' : 'DPoP'
    return reply(200, { accessToken, expiresIn: 600, accessTokenMaxTTL: 3600, tokenType })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
