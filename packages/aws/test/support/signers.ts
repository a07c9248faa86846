import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AwsCredential } from '@countersign/aws'
import type { FakeAwsCredentials } from '@countersign/testing/fakes'
import { bodyOf, fakeAuthority, startServer } from '@countersign/testing/fakes'
import aws4 from 'aws4'
import { AwsV4Signer } from 'aws4fetch'
import { AUDIENCE, AUDIENCE_HEADER } from './names.ts'
import { BODY, presign, signPost, toCredential } from './sign.ts'
import { closing } from './world.ts'

// Signers that are none of ours, each as its users use it. They read the clock of the machine.

export type Signer = (keys: FakeAwsCredentials) => Promise<AwsCredential>

const HOST = 'sts.eu-west-1.amazonaws.com'
const run = promisify(execFile)
const inFolder = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What a signer in a process of its own answers. */
async function asked(
  command: string,
  script: string,
  given: Readonly<Record<string, unknown>>,
): Promise<{
  readonly headers: Record<string, string>
  readonly body: string
  readonly url: string
}> {
  const words = JSON.stringify({ audience: AUDIENCE, body: BODY, ...given })
  // The options of whoever runs the tests are for this process.
  const { NODE_OPTIONS: _options, ...env } = process.env
  const { stdout } = await run(command, [inFolder(script), words], { env })
  return JSON.parse(stdout)
}

const NODE = process.execPath

/** Signs a published request with AWS's own signer; answers its `authorization`. */
export async function signVanilla(keys: FakeAwsCredentials, date: string): Promise<string> {
  const { headers } = await asked(NODE, './smithy.mjs', { signer: 'vanilla', keys, date })
  return headers['authorization'] ?? ''
}

const toWire = ({ headers, body }: { readonly headers: object; readonly body: string }) =>
  toCredential(headers, body)

export const signers: Readonly<Record<string, Signer>> = {
  '@aws-sdk/client-sts': async (keys) =>
    toWire(await asked(NODE, './smithy.mjs', { signer: 'client', keys })),
  '@smithy/signature-v4': async (keys) =>
    toWire(await asked(NODE, './smithy.mjs', { signer: 'smithy', keys })),
  '@smithy/signature-v4, presigned': async (keys) => ({
    presignedUrl: (await asked(NODE, './smithy.mjs', { signer: 'presign', keys })).url,
  }),
  aws4fetch: async (keys) => {
    const headers = { [AUDIENCE_HEADER]: AUDIENCE }
    const common = { ...keys, service: 'sts', region: 'eu-west-1', url: `https://${HOST}/` }
    const signed = await new AwsV4Signer({ ...common, method: 'POST', headers, body: BODY }).sign()
    return toCredential({ host: HOST, ...Object.fromEntries(signed.headers) })
  },
  'aws4fetch, all headers': (keys) => signPost(keys),
  'aws4fetch, presigned': (keys) => presign(keys),
  aws4: async (keys) => {
    const headers = { [AUDIENCE_HEADER]: AUDIENCE }
    const request = { service: 'sts', region: 'eu-west-1', host: HOST, method: 'POST', path: '/' }
    return toCredential(aws4.sign({ ...request, headers, body: BODY }, keys).headers)
  },
  'curl --aws-sigv4': byCurl,
  botocore: async (keys) => toWire(await asked('python3', './sign_with_botocore.py', { keys })),
}

/** Whether a signer is on this machine. */
export function isThere(name: string): boolean {
  if (name === 'botocore') return spawnSync('python3', ['-c', 'import botocore']).status === 0
  if (!name.startsWith('curl')) return true
  const [, major, minor] = /^curl (\d+)\.(\d+)/.exec(String(spawnSync('curl', ['-V']).stdout)) ?? []
  return Number(major) > 7 || (Number(major) === 7 && Number(minor) >= 86)
}

const authority = fakeAuthority()

/** curl signs while it sends: it is sent to a listener that stands where STS would. */
async function byCurl({ accessKeyId, secretAccessKey, sessionToken }: FakeAwsCredentials) {
  let heard: (credential: AwsCredential) => void = () => undefined
  const credential = new Promise<AwsCredential>((resolve) => {
    heard = resolve
  })
  const server = closing(
    await startServer(
      async (request, response) => {
        const { accept: _accept, 'user-agent': _agent, ...headers } = request.headers
        const body = await bodyOf(request)
        response.end()
        heard(toCredential(headers, body))
      },
      { certificate: authority.issue([HOST]) },
    ),
  )
  const { port } = new URL(server.url)
  const words = [
    ...['--silent', '--insecure', '--connect-to', `${HOST}:443:127.0.0.1:${port}`],
    ...['--aws-sigv4', 'aws:amz:eu-west-1:sts', '--user', `${accessKeyId}:${secretAccessKey}`],
    ...['-H', `${AUDIENCE_HEADER}: ${AUDIENCE}`, '--data', BODY, `https://${HOST}/`],
    ...(sessionToken === undefined ? [] : ['-H', `x-amz-security-token: ${sessionToken}`]),
  ]
  await run('curl', words)
  return credential
}
