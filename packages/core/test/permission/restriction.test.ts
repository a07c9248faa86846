import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canSometimes } from '../../src/model/permission/can-sometimes.ts'
import { conditions } from '../../src/model/permission/conditions.ts'
import { decide } from '../../src/model/permission/decide.ts'
import { exceeds } from '../../src/model/permission/exceeds.ts'
import { explain } from '../../src/model/permission/explain.ts'
import { isWithin, restrict } from '../../src/model/permission/restriction.ts'
import { seeded } from './generators.ts'
import { naiveCan } from './naive.ts'
import { compiled, holders, permissions, questions, toRequest } from './universe.ts'

const words = [...permissions, ...permissions.map((name) => name.replace(/:.*/, ':*')), '*']
const restrictions = fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 })

/** What a restriction lets pass, said in the plainest way. */
const names = (restriction: readonly string[], permission: string): boolean =>
  restriction.some((word) => [permission, permission.replace(/:.*/, ':*'), '*'].includes(word))

test('restrict() allows what is held and named, and nothing else, whoever asks in whatever way', () => {
  fc.assert(
    fc.property(holders(true), restrictions, questions, (holder, restriction, asked) => {
      const cut = restrict(compiled(holder), restriction)
      const now = new Date(asked.at)
      const request = toRequest(asked)
      const expected = naiveCan(holder, asked) && names(restriction, asked.permission)
      expect(decide(cut, request, now).allowed).toBe(expected)
      expect(explain(cut, request, now).allowed).toBe(expected)
      if (expected) expect(canSometimes(cut, asked, now)).toBe(true)
      if (!names(restriction, asked.permission)) {
        expect(canSometimes(cut, asked, now)).toBe(false)
        expect(conditions(cut, asked, now)).toBe('none')
      }
    }),
    seeded(3000),
  )
})

test('restrict() answers what never exceeds the whole, and is exceeded by it where words are lost', () => {
  const references = { 'identity.metadata.team': 'prod', 'identity.claims.ref': 'dev' }
  const now = new Date(0)
  fc.assert(
    fc.property(holders(true), restrictions, (holder, restriction) => {
      const whole = compiled({ ...holder, references })
      const cut = restrict(whole, restriction)
      expect(exceeds(whole, cut, now)?.witness).toBeUndefined()
      expect(exceeds(cut, restrict(cut, ['*']), now)?.witness).toBeUndefined()
    }),
    seeded(150),
  )
  const all = compiled({
    bound: [{ scope: { organization: 'acme' }, rules: [{ allow: ['*'] }] }],
    references,
  })
  for (const word of words.filter((one) => one !== '*')) {
    expect(exceeds(restrict(all, [word]), all, now)).toBeDefined()
    expect(exceeds(all, restrict(all, [word]), now)).toBeUndefined()
  }
})

test('isWithin() takes a wildcard for itself alone, never for the sum of what it stands for today', () => {
  expect(isWithin(undefined, '*')).toBe(true)
  expect(isWithin(['secret:*'], 'secret:read')).toBe(true)
  expect(isWithin(['secret:read', 'secret:write'], 'secret:*')).toBe(false)
  expect(isWithin(['secret:*'], '*')).toBe(false)
  expect(isWithin(['secret:*'], 'secretary:read')).toBe(false)
})
