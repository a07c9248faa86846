import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))

async function bundleOf(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    conditions: ['@countersign/source'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** By these a source is recognized in a bundle. */
const MARKS = [
  'AWS4-HMAC-SHA256',
  'AssumeRoleWithWebIdentity',
  'TFC_WORKLOAD_IDENTITY_AUDIENCE',
  '/v1/tokens/oidc',
  '/oidc/tokens',
  'spiffe',
  'x-identity-header',
  'No platform was recognized',
]

test('a client of universal auth is under 12 kB minified and gzipped, and asks for nothing of Node', async () => {
  const small = await bundleOf(`
    import { createClient, universal } from '@countersign/client'
    export const client = (url: string) =>
      createClient({ url, auth: universal({ clientId: 'id', clientSecret: 'secret' }) })`)
  expect(gzipSync(small).length).toBeLessThan(12_000)
  expect(small).not.toMatch(/\bnode:|require\(/)
  expect(small).toContain('universal-auth')
  // What is not used is not in it.
  const whole = await bundleOf(`export * from '@countersign/client'`)
  for (const mark of MARKS) {
    expect(small).not.toContain(mark)
    expect(whole).toContain(mark)
  }
})
