import { createPublicKey, randomUUID, verify } from 'node:crypto'
import { Agent, request } from 'node:https'
import { aws, awsEc2 } from '@countersign/aws'
import { azure } from '@countersign/azure'
import { gcp } from '@countersign/gcp'
import type { FakeAwsCredentials, FakeSts } from '@countersign/testing/fakes'
import { fakeAzure, fakeEc2, fakeGoogle, fakeSts } from '@countersign/testing/fakes'
import { AwsV4Signer } from 'aws4fetch'
import type { Contender, Contest } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { createBench, logIn } from '../workload/engine.ts'
import { createLogin } from '../workload/federated-methods.ts'

const AUDIENCE = 'https://id.example.com'
const ACCOUNT = '111111111111'
const LOOPBACK = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true } as const
const HOST = 'sts.eu-west-1.amazonaws.com'

const SECRET = 'universal, a client secret'
const RS256 = 'the RS256 signature alone, by node:crypto'
const GCP = 'gcp, keys remembered'
const AZURE = 'azure, keys remembered'
const EC2 = 'aws-ec2, nobody asked'
const AWS = 'aws, STS asked over TLS'
const STS = 'the question to STS alone, by node:https'

/** Logins by the clouds, each with its fake on loopback and in this process, beside what cannot be left out of them. */
export async function contests(): Promise<readonly Contest[]> {
  const google = await fakeGoogle()
  const entra = await fakeAzure()
  const instance = await fakeEc2()
  const sts = await fakeSts()
  process.once('disconnect', () => {
    for (const fake of [google, entra, instance, sts]) void fake.close()
  })
  const contenders = [
    await bySecret(),
    signatureAlone(google.identityToken({ aud: AUDIENCE }), google.key.jwk),
    await byGoogle(google),
    await byAzure(entra),
    await byEc2(instance),
  ]
  return [
    {
      title: 'A login by a token or a document of a cloud',
      unit: 'µs',
      contenders,
      goals: [GCP, AZURE, EC2].map((name) => atMost('(8)', name, SECRET, 10)),
    },
    {
      title: 'A login by a request that STS is asked about',
      unit: 'µs',
      contenders: [stsAlone(sts), await byAws(sts)],
      goals: [atMost('(8)', AWS, STS, 6)],
    },
  ]
}

/** The same engine without evidence of others: what is dearer than this is the verifier's. */
async function bySecret(): Promise<Contender> {
  const { countersign, identities } = await createBench({ accounts: 1, rateLimits: 'off' })
  const [account = { organization: '', identity: '', clientSecret: '' }] = identities
  return timed(
    SECRET,
    () => account,
    (one) => logIn(countersign, one),
  )
}

async function byGoogle(google: Awaited<ReturnType<typeof fakeGoogle>>): Promise<Contender> {
  const places = { google: google.keysUrl, serviceAccounts: google.accountKeysUrl }
  const policy = { audiences: [AUDIENCE], serviceAccounts: [google.email] }
  const login = await createLogin(gcp({ egress: LOOPBACK, places }), policy)
  return timed(GCP, () => ({ token: google.identityToken({ aud: AUDIENCE }) }), login)
}

async function byAzure(entra: Awaited<ReturnType<typeof fakeAzure>>): Promise<Contender> {
  const policy = {
    tenant: entra.tenant,
    audiences: ['api://id.example.com'],
    servicePrincipals: [entra.oid],
  }
  const login = await createLogin(azure({ egress: LOOPBACK, keyHost: entra.url }), policy)
  return timed(AZURE, () => ({ token: entra.sign({ aud: 'api://id.example.com' }) }), login)
}

async function byEc2(instance: Awaited<ReturnType<typeof fakeEc2>>): Promise<Contender> {
  const verifier = awsEc2({ certificates: { 'eu-west-1': instance.certificate } })
  const login = await createLogin(verifier, { accounts: [ACCOUNT] })
  const nonce = randomUUID()
  return timed(EC2, () => ({ pkcs7: instance.sign(), nonce }), login)
}

async function byAws(sts: FakeSts): Promise<Contender> {
  const verifier = aws({ audience: AUDIENCE, endpoints: [{ url: sts.url, ca: sts.ca }] })
  const login = await createLogin(verifier, { accounts: [ACCOUNT] })
  const keys = sts.assumeRole(ACCOUNT, 'app')
  return timed(
    AWS,
    async () => {
      const { headers, body } = await sign(keys)
      const text = Buffer.from(JSON.stringify(headers)).toString('base64')
      return { body: Buffer.from(body).toString('base64'), headers: text }
    },
    login,
  )
}

function signatureAlone(token: string, jwk: object): Contender {
  const key = createPublicKey({ key: jwk as never, format: 'jwk' })
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  const signed = Buffer.from(token.slice(0, end))
  return timed(
    RS256,
    () => signed,
    (bytes) => verify('sha256', bytes, key, signature),
  )
}

/** Over a connection that is kept, as the verifier keeps it. */
function stsAlone({ url, ca, ...sts }: FakeSts): Contender {
  const keys = sts.assumeRole(ACCOUNT, 'app')
  const agent = new Agent({ keepAlive: true, ca })
  const ask = ({ headers, body }: Awaited<ReturnType<typeof sign>>) =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', headers, agent, servername: '' }
      request(url, options, (answer) => answer.resume().on('end', resolve))
        .on('error', reject)
        .end(body)
    })
  return timed(STS, () => sign(keys), ask)
}

/** Each with an id, as AWS's SDK has it: the same request of the same second opens one login. */
async function sign(keys: FakeAwsCredentials) {
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const given = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-countersign-audience': AUDIENCE,
    'amz-sdk-invocation-id': randomUUID(),
  }
  const signed = await new AwsV4Signer({
    ...keys,
    ...{ service: 'sts', region: 'eu-west-1', method: 'POST', url: `https://${HOST}/` },
    ...{ headers: given, body, allHeaders: true },
  }).sign()
  return { headers: { host: HOST, ...Object.fromEntries(signed.headers) }, body }
}

/** What is shown is made before the clock runs. */
function timed<T>(name: string, make: () => T | Promise<T>, run: (shown: T) => unknown): Contender {
  return {
    name,
    async sample(milliseconds: number): Promise<number> {
      const shown: T[] = []
      for (let left = Math.max(Math.round(milliseconds), 4); left > 0; left -= 1)
        shown.push(await make())
      const began = performance.now()
      for (const one of shown) await run(one)
      return ((performance.now() - began) * 1000) / shown.length
    },
  }
}
