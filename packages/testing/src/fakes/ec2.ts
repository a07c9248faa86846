import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { systemClock } from '@countersign/core/plugin'
import { fakeAuthority } from './certificates.ts'
import { signPkcs7 } from './pkcs7.ts'
import type { FakeAnswer, FakeServer } from './server.ts'
import { answerWith, startServer } from './server.ts'

/** One EC2 instance: its metadata server (IMDSv2), and what AWS signs for it. */
export interface FakeEc2 extends FakeServer {
  /** The certificate that AWS has for RSA-2048 in the region, in PEM. */
  readonly certificate: string
  /** What the document says, with what is given instead. */
  readonly document: (changes?: Readonly<Record<string, unknown>>) => string
  /** The answer of `/latest/dynamic/instance-identity/rsa2048`: PKCS7 over a document, in base64 by lines. */
  readonly sign: (document?: string, key?: KeyObject) => string
}

const FOLDER = '/latest/dynamic/instance-identity'

/** Starts an instance of a region and an account. The metadata server refuses whoever shows no session token. */
export async function fakeEc2({
  now = systemClock,
  region = 'eu-west-1',
  account = '111111111111',
}: {
  readonly now?: () => Date
  readonly region?: string
  readonly account?: string
} = {}): Promise<FakeEc2> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = fakeAuthority().certify(`ec2.${region}.amazonaws.com`, publicKey)
  const instanceId = `i-${randomBytes(9).toString('hex').slice(1)}`
  const pendingTime = `${now().toISOString().slice(0, 19)}Z`

  const document: FakeEc2['document'] = (changes = {}) =>
    JSON.stringify({ ...USUAL, accountId: account, region, instanceId, pendingTime, ...changes })
  const sign: FakeEc2['sign'] = (text = document(), key = privateKey) =>
    signPkcs7(Buffer.from(text), key, now())

  const session = randomBytes(32).toString('base64')
  const server = await startServer((request, response) =>
    answerWith(response, answerOf(request, { session, document, sign })),
  )
  return Object.freeze<FakeEc2>({ ...server, certificate, document, sign })
}

/** What AWS's documentation shows of a document. */
const USUAL = {
  availabilityZone: 'eu-west-1b',
  architecture: 'x86_64',
  billingProducts: null,
  devpayProductCodes: null,
  marketplaceProductCodes: null,
  imageId: 'ami-5fb8c835',
  instanceType: 't3.micro',
  kernelId: null,
  privateIp: '10.158.112.84',
  ramdiskId: null,
  version: '2017-09-30',
}

interface Instance extends Pick<FakeEc2, 'document' | 'sign'> {
  readonly session: string
}

function answerOf(
  { method, url, headers }: IncomingMessage,
  { session, document, sign }: Instance,
): FakeAnswer {
  const plain = { 'content-type': 'text/plain' }
  if (method === 'PUT' && url === '/latest/api/token') {
    const isAsked = headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
    return { status: isAsked ? 200 : 400, body: isAsked ? session : '', headers: plain }
  }
  if (headers['x-aws-ec2-metadata-token'] !== session)
    return { status: 401, body: '', headers: plain }
  if (method !== 'GET') return { status: 405, body: '', headers: plain }
  if (url === `${FOLDER}/document`) return { status: 200, body: document(), headers: plain }
  if (url === `${FOLDER}/rsa2048`) return { status: 200, body: sign(), headers: plain }
  return { status: 404, body: '', headers: plain }
}
