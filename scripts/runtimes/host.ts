import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A host of a few lines, which grants what it is asked for and says what was shown. */
export async function startHost() {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const { authorization = '', dpop } = request.headers
    const reply = (status: number, body: object | string) =>
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    if (request.url === '/orders') return reply(200, `${text}, ${authorization.split(' ')[0]}`)
    if (request.url?.endsWith('/revoke') === true) return reply(200, {})
    if (!text.includes('"secret"')) return reply(401, { message: 'No' })
    const tokenType = dpop === undefined ? 'Bearer' : 'DPoP'
    return reply(200, { accessToken: 't', expiresIn: 600, accessTokenMaxTTL: 3600, tokenType })
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
