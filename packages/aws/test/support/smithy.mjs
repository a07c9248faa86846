// A process of its own: the modules of AWS's SDK are loaded as Node loads them, not as a bundler of tests does.
import { createHash, createHmac } from 'node:crypto'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'

const { signer, keys, audience, body, date } = JSON.parse(process.argv[2])
const credentials = keys
const host = 'sts.eu-west-1.amazonaws.com'

class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data) {
    this.hash.update(data)
  }
  async digest() {
    return this.hash.digest()
  }
}

const common = { service: 'sts', region: 'eu-west-1', credentials, sha256: Sha256 }
const SIGNERS = {
  // Its own client, stopped before it sends: what it would have sent is what is presented.
  async client() {
    const sent = new Promise((resolve) => {
      const requestHandler = {
        handle: async (request) => {
          resolve(request)
          throw new Error('stopped')
        },
      }
      const client = new STSClient({
        region: 'eu-west-1',
        credentials,
        requestHandler,
        maxAttempts: 1,
      })
      client.middlewareStack.add(
        (next) => (args) => {
          args.request.headers['x-countersign-audience'] = audience
          return next(args)
        },
        { step: 'build' },
      )
      client.send(new GetCallerIdentityCommand({})).catch(() => undefined)
    })
    const { headers, body: text } = await sent
    return { headers, body: String(text) }
  },
  async smithy() {
    const headers = {
      host,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      'x-countersign-audience': audience,
    }
    const request = { method: 'POST', protocol: 'https:', hostname: host, path: '/', headers, body }
    const signed = await new SignatureV4(common).sign(request, { signingDate: new Date() })
    return { headers: signed.headers, body }
  },
  async presign() {
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, 'x-countersign-audience': audience },
    }
    const { query } = await new SignatureV4(common).presign(request, { expiresIn: 60 })
    const members = Object.entries(query).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    )
    return { url: `https://${host}/?${members.join('&')}` }
  },
  // AWS's published request `get-vanilla` (aws-sig-v4-test-suite).
  async vanilla() {
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: 'example.amazonaws.com',
      path: '/',
      query: {},
      headers: { host: 'example.amazonaws.com' },
    }
    const options = { ...common, service: 'service', region: 'us-east-1', applyChecksum: false }
    const signed = await new SignatureV4(options).sign(request, { signingDate: new Date(date) })
    return { headers: signed.headers }
  },
}
process.stdout.write(JSON.stringify(await SIGNERS[signer]()))
