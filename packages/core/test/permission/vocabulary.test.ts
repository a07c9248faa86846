import { describe, expect, test } from 'vitest'
import { refuseResources } from '../../src/model/permission/refuse-resources.ts'
import { compileVocabulary } from '../../src/model/permission/vocabulary.ts'
import type {
  AttributesOf,
  ConcretePermission,
  Permission,
  Question,
} from '../../src/model/resources.ts'
import type { Rule } from '../../src/model/rule.ts'
import type { resources } from './naive.ts'
import { vocabulary } from './world.ts'

type Declared = typeof resources

const secret = { scope: 'project', actions: ['read'] }

describe('compileVocabulary()', () => {
  test('lists the words of the host beside the built-in ones', () => {
    expect(vocabulary.permissions.get('secret:write')).toMatchObject({
      action: 'write',
      resource: {
        scope: 'project',
        reads: ['read'],
        attributes: [
          { name: 'environment', kind: 'text' },
          { name: 'path', kind: 'path' },
        ],
      },
    })
    expect(vocabulary.permissions.get('auth-method:attach')?.resource.scope).toBe('any')
    expect(vocabulary.permissions.size).toBe(4 + 6 + 3 + 4 + 5 + 4 + 3 + 4 + 1)
  })

  test('refuses a reserved name, in types and at run time', () => {
    expect(() =>
      // @ts-expect-error a built-in resource is not the host's to declare
      compileVocabulary({ identity: { scope: 'project', actions: ['read'] } }),
    ).toThrow(new TypeError('resources.identity is a built-in resource'))
  })

  test('types permissions, attributes and questions by the declaration', () => {
    const concrete: ConcretePermission<Declared> = 'secret:write'
    const words: readonly Permission<Declared>[] = ['*', 'invoice:*', 'role:read', concrete]
    const rule: Rule<Declared> = { allow: words, where: { path: { glob: '/**' } } }
    const question: Question<Declared, 'secret:read'> = {
      project: 'one',
      environment: 'x',
      path: '/',
    }
    const ofOrganization: Question<Declared, 'invoice:read'> = {}
    // @ts-expect-error a misspelt permission
    const misspelt: Permission<Declared> = 'secret:raed'
    // @ts-expect-error a misspelt attribute
    const unknown: Rule<Declared> = { allow: ['secret:read'], where: { enviroment: 'x' } }
    // @ts-expect-error an attribute is missing
    const missing: AttributesOf<Declared, 'secret:read'> = { environment: 'x' }
    // @ts-expect-error the project is missing
    const nowhere: Question<Declared, 'secret:read'> = { environment: 'x', path: '/' }
    // @ts-expect-error an invoice is in no project
    const misplaced: Question<Declared, 'invoice:read'> = { project: 'one' }
    // @ts-expect-error nobody asks for a wildcard
    const vague: ConcretePermission<Declared> = 'secret:*'
    expect([
      rule,
      question,
      ofOrganization,
      misspelt,
      unknown,
      missing,
      nowhere,
      misplaced,
      vague,
    ]).toHaveLength(9)
  })
})

describe('refuseResources()', () => {
  test.each([
    [7, 'resources must be an object'],
    [{ role: secret }, 'resources.role is a built-in resource'],
    [{ Secret: secret, secret }, 'resources.secret differs from another one by its case only'],
    [{ constructor: secret }, /^resources must have names/],
    [{ 'a:b': secret }, /^resources must have names/],
    [{ '*': secret }, /^resources must have names/],
    [{ secret: 'read' }, 'resources.secret must be an object'],
    [{ secret: { ...secret, color: 1 } }, /must have no members but/],
    [{ secret: { ...secret, scope: 'team' } }, /scope must be 'organization' or 'project'/],
    [{ secret: { ...secret, actions: [] } }, /actions must be 1 to 128 names/],
    [{ secret: { ...secret, actions: ['*'] } }, /actions must be names/],
    [{ secret: { ...secret, actions: ['read', 'Read'] } }, /actions must be names/],
    [{ secret: { ...secret, actions: ['read', 'read'] } }, /actions has 'read' twice/],
    [{ secret: { ...secret, reads: ['list'] } }, /reads must name actions/],
    [{ secret: { ...secret, attributes: [] } }, /attributes must be an object/],
    [{ secret: { ...secret, attributes: { 'a.b': 'text' } } }, /attributes must have names/],
    [{ secret: { ...secret, attributes: { project: 'text' } } }, /project is a reserved name/],
    [{ secret: { ...secret, attributes: { constructor: 'text' } } }, /is a reserved name/],
    [{ secret: { ...secret, attributes: { path: 'glob' } } }, /must be 'text' or 'path'/],
  ])('refuses %j', (declared, problem) => {
    expect(refuseResources(declared)).toMatch(problem)
  })

  test('accepts what a host needs', () => {
    expect(refuseResources({})).toBeUndefined()
    expect(refuseResources({ secret, apiKey: { ...secret, reads: ['read'] } })).toBeUndefined()
  })
})
