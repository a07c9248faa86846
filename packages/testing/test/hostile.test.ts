import assert from 'node:assert/strict'
import type { Event } from '@countersign/core'
import { CountersignError } from '@countersign/core'
import type { Hostile, HostileSubject, Hostility } from '@countersign/testing/conformance'
import { HOSTILITIES, hostileCases } from '@countersign/testing/conformance'
import { describe, test } from 'vitest'

const CREDENTIAL = 'The credential was not accepted'
const REFUSED = { type: 'login.refused', reason: 'bad_signature', details: { check: 'signature' } }

function subjectOf(attack: Hostile, event: object = REFUSED): HostileSubject {
  const hostile = Object.fromEntries(HOSTILITIES.map(({ hostility }) => [hostility, attack]))
  return {
    honest: async () => 'a grant',
    hostile: hostile as Record<Hostility, Hostile>,
    events: async () => [event as Event],
  }
}

const refusing =
  (code: ConstructorParameters<typeof CountersignError>[0], message = CREDENTIAL) =>
  async () => {
    throw new CountersignError(code, message, { reason: 'bad_signature' })
  }

const saboteurs: Readonly<Record<string, HostileSubject>> = {
  'lets everybody in': subjectOf(async () => 'a grant'),
  'throws what is no error of ours': subjectOf(() => Promise.reject(new TypeError('x'))),
  'locks out instead': subjectOf(refusing('locked_out')),
  'has no reason for an exception': subjectOf({ impossible: 'no' }),
}

describe('hostileCases', () => {
  for (const { name, run } of hostileCases)
    for (const [bug, subject] of Object.entries(saboteurs))
      test(`${name}: catches one that ${bug}`, () => assert.rejects(run(subject)))

  const forged = hostileCases.find(({ name }) => name.includes('another key'))
  assert.ok(forged)
  test('accepts an honest refusal', () => forged.run(subjectOf(refusing('invalid_credential'))))
  test('catches one that tells the caller why', () =>
    assert.rejects(forged.run(subjectOf(refusing('invalid_credential', 'The signature is wrong')))))
  test('catches one that does not name the check', () =>
    assert.rejects(
      forged.run(subjectOf(refusing('invalid_credential'), { ...REFUSED, details: {} })),
    ))
  test('catches one that refuses what is good', () => {
    const subject = subjectOf(refusing('invalid_credential'))
    return assert.rejects(forged.run({ ...subject, honest: refusing('invalid_credential') }))
  })
})
