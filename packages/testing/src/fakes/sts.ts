import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { systemClock } from '@countersign/core/plugin'
import type { FakeAuthority } from './certificates.ts'
import { fakeAuthority } from './certificates.ts'
import type { FakeAnswer, FakeServer } from './server.ts'
import { answerWith, bodyOf, startServer } from './server.ts'
import type { Received, Signed } from './sigv4.ts'
import { isSignedBy, readSigned } from './sigv4.ts'
import type { StsErrorCode } from './sts-answers.ts'
import { identityAnswer, stsError } from './sts-answers.ts'

/** Who an access key belongs to. */
export interface FakeAwsPrincipal {
  readonly arn: string
  readonly userId: string
  readonly account: string
}

/** What a signer needs. */
export interface FakeAwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** The Security Token Service of AWS, as far as `GetCallerIdentity` goes. */
export interface FakeSts extends FakeServer {
  /** The authority that its certificate comes from. */
  readonly ca: string
  /** Makes a user, with keys that last. */
  readonly createUser: (account: string, name: string, path?: string) => FakeAwsCredentials
  /** Makes a session of a role, with a session token; the same role has the same unique id until it is deleted. */
  readonly assumeRole: (account: string, role: string, session?: string) => FakeAwsCredentials
  /** Makes keys of whatever ARN and user id. */
  readonly createKeys: (principal: FakeAwsPrincipal, temporary?: boolean) => FakeAwsCredentials
  /** Deletes a role: made again, it has another unique id, and sessions of the one before end. */
  readonly deleteRole: (account: string, role: string) => void
  /** The unique id of a role, which is made if it is not there. */
  readonly roleIdOf: (account: string, role: string) => string
  /** Ends keys, as if their session were over. */
  readonly expire: (credentials: FakeAwsCredentials) => void
  /** Everything that was received, with headers and body. */
  readonly received: () => readonly Received[]
  /** Answers this to all requests until it answers nothing else again. */
  readonly answer: (answer: FakeAnswer | StsErrorCode | 'hang' | undefined) => void
}

interface Keys {
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
  readonly principal: FakeAwsPrincipal
  expired: boolean
}

interface StsState {
  readonly now: () => Date
  readonly keys: Map<string, Keys>
  readonly roles: Map<string, string>
}

/**
 * Starts an STS on 127.0.0.1, over TLS, which checks signatures by itself and answers in XML as the real one does, or in
 * JSON where it is asked to. It is any host of STS: signed for `sts.eu-west-1.amazonaws.com`, sent to its `url`. Where a
 * network of its own resolves that name to loopback, `port` 443 lets it be asked by it.
 */
export async function fakeSts({
  now = systemClock,
  authority = fakeAuthority(),
  port,
}: {
  readonly now?: () => Date
  readonly authority?: FakeAuthority
  readonly port?: number
} = {}): Promise<FakeSts> {
  const state: StsState = { now, keys: new Map(), roles: new Map() }
  const received: Received[] = []
  let planned: FakeAnswer | StsErrorCode | 'hang' | undefined
  const certificate = authority.issue(['127.0.0.1', 'sts.amazonaws.com'])
  const server = await startServer(
    async (request, response) => {
      const read = await readRequest(request)
      received.push(read)
      respond(state, read, response, planned)
    },
    { certificate, port },
  )
  return Object.freeze({
    ...server,
    ...createPrincipals(state),
    ca: authority.ca,
    received: () => [...received],
    answer(answer: typeof planned) {
      planned = answer
    },
  })
}

type Principals = Pick<
  FakeSts,
  'createUser' | 'assumeRole' | 'createKeys' | 'deleteRole' | 'roleIdOf' | 'expire'
>

function createPrincipals({ keys, roles }: StsState): Principals {
  const createKeys: FakeSts['createKeys'] = (principal, temporary = false) => {
    const accessKeyId = `${temporary ? 'ASIA' : 'AKIA'}${word()}`
    const secretAccessKey = randomBytes(30).toString('base64')
    const sessionToken = temporary ? randomBytes(300).toString('base64') : undefined
    keys.set(accessKeyId, { secretAccessKey, sessionToken, principal, expired: false })
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  }
  const roleIdOf = (account: string, role: string): string => {
    const id = roles.get(`${account}/${role}`) ?? `AROA${word()}`
    roles.set(`${account}/${role}`, id)
    return id
  }
  return {
    createKeys,
    roleIdOf,
    createUser: (account, name, path = '/') =>
      createKeys({
        arn: `arn:aws:iam::${account}:user${path}${name}`,
        userId: `AIDA${word()}`,
        account,
      }),
    assumeRole(account, role, session = 'session') {
      const arn = `arn:aws:sts::${account}:assumed-role/${role}/${session}`
      return createKeys({ arn, userId: `${roleIdOf(account, role)}:${session}`, account }, true)
    },
    deleteRole(account, role) {
      const id = roles.get(`${account}/${role}`)
      roles.delete(`${account}/${role}`)
      for (const [accessKeyId, { principal }] of keys)
        if (id !== undefined && principal.userId.startsWith(id)) keys.delete(accessKeyId)
    },
    expire({ accessKeyId }) {
      const known = keys.get(accessKeyId)
      if (known !== undefined) known.expired = true
    },
  }
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
  )
  const { method = '', url: target = '/' } = request
  return { method, target, headers, body: await bodyOf(request) }
}

function respond(
  state: StsState,
  received: Received,
  response: ServerResponse,
  planned: FakeAnswer | StsErrorCode | 'hang' | undefined,
): void {
  if (planned === 'hang') return
  const isJson = /application\/json/.test(received.headers['accept'] ?? '')
  const answer = typeof planned === 'string' ? stsError(planned, isJson) : planned
  answerWith(response, answer ?? judge(state, received, isJson))
}

/** The order in which the real one finds fault. */
function judge(state: StsState, received: Received, isJson: boolean): FakeAnswer {
  const { target, body, headers } = received
  const signed = readSigned(received)
  if (signed === undefined)
    return stsError(
      headers['authorization'] === undefined ? 'MissingAuthenticationToken' : 'IncompleteSignature',
      isJson,
    )
  const keys = state.keys.get(signed.accessKeyId)
  if (keys === undefined || keys.sessionToken !== signed.securityToken)
    return stsError('InvalidClientTokenId', isJson)
  const fault = refuseScope(signed, headers['host'] ?? '', state.now())
  if (fault !== undefined) return stsError(fault, isJson)
  if (!isSignedBy(received, signed, keys.secretAccessKey))
    return stsError('SignatureDoesNotMatch', isJson)
  if (keys.expired) return stsError('ExpiredToken', isJson)
  const asked = new URLSearchParams(body === '' ? target.split('?')[1] : body)
  const isKnown =
    asked.get('Action') === 'GetCallerIdentity' && asked.get('Version') === '2011-06-15'
  return isKnown ? identityAnswer(keys.principal, isJson) : stsError('InvalidAction', isJson)
}

/** Seconds that a signature in a header is good for. */
const LONGEST_AGE = 900

function refuseScope(
  { region, service, day, date, expires = LONGEST_AGE, signedHeaders }: Signed,
  host: string,
  now: Date,
): StsErrorCode | undefined {
  const wanted = /^sts(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws|api)\./.exec(host)?.[1] ?? 'us-east-1'
  const isScoped = service === 'sts' && region === wanted && date.startsWith(day)
  if (!isScoped || !signedHeaders.includes('host')) return 'SignatureDoesNotMatch'
  const signedAt = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  const age = (now.getTime() - signedAt) / 1000
  if (Number.isNaN(age)) return 'IncompleteSignature'
  return age >= expires || age < -LONGEST_AGE ? 'SignatureDoesNotMatch' : undefined
}

/** Sixteen letters, as ids of AWS end. */
function word(): string {
  return Array.from(randomBytes(16), (byte) => LETTERS[byte % 32]).join('')
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
