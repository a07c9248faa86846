import { createHandler } from '@countersign/http'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { bodyOf } from './support/answer.ts'
import { ask } from './support/ask.ts'
import { aManaged } from './support/manager.ts'
import { aWorkload } from './support/workload.ts'

// biome-ignore lint/suspicious/noExplicitAny: a document is read member by member.
type Document = any

async function theDocument(): Promise<Document> {
  const { countersign } = await aWorkload()
  const answer = await ask(createHandler(countersign), '/openapi.json', { method: 'GET' })
  expect(answer.headers['cache-control']).toMatch(/^public/)
  return bodyOf(answer)
}

interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, unknown>>
}

const operationsOf = (document: Document): readonly Operation[] =>
  Object.values(document.paths).flatMap((path) => Object.values(path as object) as Operation[])

describe('/openapi.json', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const document = await theDocument()
    const { valid, errors } = await new Validator().validate(document)
    expect({ valid, errors }).toMatchObject({ valid: true })
  })

  test('names every operation once, and resolves every reference', async () => {
    const document = await theDocument()
    const names = operationsOf(document).map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(60)
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document.components.schemas).toHaveProperty(name ?? '')
    expect(JSON.stringify(document)).not.toContain('$defs')
  })

  test('says of every managing operation that it takes a token, and how it is refused', async () => {
    const managing = operationsOf(await theDocument()).filter(({ responses }) => responses['403'])
    expect(managing.length).toBeGreaterThan(50)
    for (const { security, responses } of managing) {
      expect(security).toEqual([{ bearer: [] }])
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '401', '403', '503']))
    }
  })

  test('its examples, and what is answered, are what its schemas say', async () => {
    const { ok } = await aManaged()
    const document = await theDocument()
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema(document, 'openapi')
    const { identity } = await ok('POST', '/api/v1/identities', { name: 'a' })
    const universal = `/api/v1/auth/universal-auth/identities/${identity.id}`
    const asked: readonly (readonly [string, string, string, unknown?])[] = [
      ['/api/v1/identities', 'get', '/api/v1/identities'],
      ['/api/v1/identities/{identityId}', 'get', `/api/v1/identities/${identity.id}`],
      ['/api/v1/auth/universal-auth/identities/{identityId}', 'post', universal, {}],
      [
        '/api/v1/auth/universal-auth/identities/{identityId}/client-secrets',
        'post',
        `${universal}/client-secrets`,
        {},
      ],
      [
        '/api/v1/projects/{projectId}/memberships/identities/{identityId}',
        'post',
        `/api/v1/projects/web/memberships/identities/${identity.id}`,
        { roles: [{ role: 'viewer' }] },
      ],
      ['/api/v1/projects/{projectId}/roles', 'get', '/api/v1/projects/web/roles'],
      ['/api/v1/organization/audit-logs', 'get', '/api/v1/organization/audit-logs'],
    ]
    for (const [template, method, path, body] of asked) {
      const pointer = `openapi#/paths/${template.replaceAll('/', '~1')}/${method}/responses/200/content/application~1json/schema`
      const answered = await ok(method.toUpperCase(), path, body)
      const valid = ajv.validate({ $ref: encodeURI(pointer) }, answered)
      expect({ template, valid, errors: ajv.errors }).toMatchObject({ valid: true })
    }
  })
})
