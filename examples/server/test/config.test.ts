import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { listen } from '../src/listening.ts'
import { StartError } from '../src/start-error.ts'
import { createVerifiers } from '../src/verifiers.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  await writeFile(join(folder, 'text.pem'), 'no certificate')
})
afterAll(() => rm(folder, { recursive: true }))

describe('An environment that says nothing', () => {
  test('lets verifiers reach public addresses alone, and nobody speak for a client', () => {
    const { trust, tls, clientCertificate, trustedProxies } = readConfig({})
    expect(trust).toEqual({ egress: { allow: [], ports: [], loopbackHttp: false } })
    expect([tls, clientCertificate, trustedProxies]).toEqual([undefined, undefined, undefined])
  })

  test('says no more where it runs in a pod', () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
    expect(readConfig(pod).trust.cluster).toBeUndefined()
    const { cluster } = readConfig({ ...pod, COUNTERSIGN_KUBERNETES: 'in-cluster' }).trust
    expect(cluster).toMatchObject({ host: 'https://10.0.0.1:443' })
  })
})

describe('An environment that says it wrongly is refused, in one sentence that names the variable:', () => {
  test.each([
    ['EGRESS_ALLOW', { COUNTERSIGN_EGRESS_ALLOW: '10/8' }],
    ['EGRESS_PORTS', { COUNTERSIGN_EGRESS_PORTS: '0' }],
    ['EGRESS_PORTS', { COUNTERSIGN_EGRESS_PORTS: '443;8443' }],
    ['EGRESS_LOOPBACK_HTTP', { COUNTERSIGN_EGRESS_LOOPBACK_HTTP: 'yes' }],
    ['EGRESS_PROXY', { COUNTERSIGN_EGRESS_PROXY: 'proxy:3128' }],
    ['STS_ENDPOINT', { COUNTERSIGN_STS_ENDPOINT: 'http://sts.example.com' }],
    ['STS_ENDPOINT', { COUNTERSIGN_STS_ENDPOINT: 'https://sts.example.com/path' }],
    ['STS_ENDPOINT', { COUNTERSIGN_STS_CA: 'package.json' }],
    ['STS_CA', { COUNTERSIGN_STS_ENDPOINT: 'https://a.example', COUNTERSIGN_STS_CA: '/nowhere' }],
    ['AWS_AUDIENCE', { COUNTERSIGN_AWS_AUDIENCE: 'two words' }],
    ['KUBERNETES', { COUNTERSIGN_KUBERNETES: 'true' }],
    ['KUBERNETES', { COUNTERSIGN_KUBERNETES: 'in-cluster' }],
    ['TLS_CERT', { COUNTERSIGN_TLS_KEY: 'package.json' }],
    ['TLS_CERT', { COUNTERSIGN_TLS_CLIENT_CA: 'package.json' }],
    ['TLS_KEY', { COUNTERSIGN_TLS_CERT: 'package.json', COUNTERSIGN_TLS_KEY: '/nowhere' }],
    ['CERTIFICATE_FORMAT', { COUNTERSIGN_CERTIFICATE_FORMAT: 'pem' }],
    ['TRUSTED_PROXIES', { COUNTERSIGN_CERTIFICATE_HEADER: 'x-client-cert' }],
  ])('%s %j', (named, environment) => {
    const begin = () => createVerifiers('https://id.example.com', readConfig(environment).trust)
    expect(begin).toThrow(StartError)
    expect(begin).toThrow(named)
  })

  test('a certificate that is none, before the port is taken', async () => {
    const path = join(folder, 'text.pem')
    const config = readConfig({ COUNTERSIGN_TLS_CERT: path, COUNTERSIGN_TLS_KEY: path, PORT: '0' })
    await expect(listen(config)).rejects.toThrow(/COUNTERSIGN_TLS_CERT/)
  })
})
