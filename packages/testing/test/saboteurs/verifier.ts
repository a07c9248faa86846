import type { SchemaOf, Verifier } from '@countersign/core/plugin'
import { isRejection, Rejection } from '@countersign/core/plugin'
import type { Presentation, VerifierSubject } from '@countersign/testing/conformance'
import { createRecords } from '../../src/conformance/storage/records.ts'
import type { Saboteur } from './saboteur.ts'

interface Policy {
  readonly words: readonly string[]
}

interface Credential {
  readonly word: string
}

/** Admits whoever knows one of the words, in the morning. */
const password: Verifier<'password', Policy, Credential> = {
  method: 'password',
  policy: schemaOf('words', (words) => Array.isArray(words) && words.length > 0),
  credential: schemaOf('word', (word) => typeof word === 'string'),
  locate: ({ word }) => word,
  verify({ word }, { policy, now }) {
    if (word === 'nobody can tell') throw new Error('The directory is down')
    if (!policy.words.includes(word)) return new Rejection('wrong_word')
    if (now.getUTCHours() >= 12) return new Rejection('too_late')
    return { subject: word, claims: { words: policy.words.length } }
  },
}

export const honestVerifier: VerifierSubject = subjectOf(password)

let answered = 0

export const verifierSaboteurs: readonly Saboteur<VerifierSubject>[] = [
  {
    bug: 'changes its answer',
    caughtBy:
      'verify MUST NOT change anything: the same presentation has the same answer, again and again',
    subject: withBug({
      verify(credential, context) {
        answered += 1
        return answered % 2 === 0 ? new Rejection('again') : password.verify(credential, context)
      },
    }),
  },
  {
    bug: 'changes the identity it is handed',
    caughtBy:
      'verify MUST NOT change anything: the same presentation has the same answer, again and again',
    subject: withBug({
      verify(credential, context) {
        Reflect.set(context.identity, 'name', 'changed')
        return password.verify(credential, context)
      },
    }),
  },
  {
    bug: 'believes everybody',
    caughtBy: 'verify MUST answer a rejection where the credential is at fault',
    subject: withBug({ verify: ({ word }) => ({ subject: word, claims: {} }) }),
  },
  {
    bug: 'throws where the credential is at fault',
    caughtBy: 'verify MUST answer a rejection where the credential is at fault',
    subject: withBug({
      verify({ word }) {
        throw new Error(`no ${word}`)
      },
    }),
  },
  {
    bug: 'repeats the credential in its reason',
    caughtBy: 'verify MUST answer a rejection where the credential is at fault',
    subject: withBug({ verify: ({ word }) => new Rejection(`not "${word}"`) }),
  },
  {
    bug: 'rejects where it cannot tell',
    caughtBy: 'verify MUST throw where it could not tell',
    subject: withBug({
      async verify(credential, context) {
        try {
          return await password.verify(credential, context)
        } catch {
          return new Rejection('failed')
        }
      },
    }),
  },
  {
    bug: 'rejects what satisfies the policy',
    caughtBy: 'verify MUST answer an attestation if the credential satisfies the policy at `now`',
    subject: withBug({ verify: () => new Rejection('never') }),
  },
  {
    bug: 'lets somebody in although a check failed',
    caughtBy: 'verify MUST NOT note a check that failed beside an attestation',
    subject: withBug({
      verify(credential, context) {
        const answer = password.verify(credential, context)
        context.check({ name: 'word', passed: false })
        return answer
      },
    }),
  },
  {
    bug: 'is more generous in a rehearsal',
    caughtBy: 'verify MUST answer the same in a rehearsal',
    subject: withBug({
      verify(credential, context) {
        if (context.rehearsal) return { subject: credential.word, claims: {} }
        return password.verify(credential, context)
      },
    }),
  },
  {
    bug: 'shows the credential in a check',
    caughtBy: 'verify MUST NOT show a check what it must not show: the credential itself',
    subject: withBug({
      verify(credential, context) {
        const answer = password.verify(credential, context)
        const passed = !isRejection(answer)
        context.check({ name: 'word', passed, presented: credential.word })
        return answer
      },
    }),
  },
  {
    bug: 'locates by something else each time',
    caughtBy: 'locate MUST be pure, and the same for equal credentials',
    subject: withBug({
      locate({ word }) {
        answered += 1
        return `${word} ${answered}`
      },
    }),
  },
  {
    bug: 'admits a policy that trusts everybody',
    caughtBy: 'policy MUST refuse a policy that constrains nothing',
    subject: withBug({ policy: schemaOf('words', (words) => Array.isArray(words)) }),
  },
  {
    bug: 'takes anything for a credential',
    caughtBy: 'credential MUST refuse what is no credential, and repeat none of it',
    subject: withBug({ credential: schemaOf('word', () => true) }),
  },
]

function withBug(bug: Partial<typeof password>): VerifierSubject {
  return subjectOf({ ...password, ...bug })
}

function subjectOf(verifier: Verifier<'password', Policy, Credential>): VerifierSubject {
  return {
    verifier: verifier as Verifier,
    accepted: { 'a word of the policy': () => presentation('sesame', '11:59:59.999') },
    rejected: {
      'another word': () => presentation('open', '11:00:00.000'),
      'a long word': () => presentation('open sesame, and be quick', '11:00:00.000'),
      'the right word too late': () => presentation('sesame', '12:00:00.000'),
    },
    undecided: { 'the directory is down': () => presentation('nobody can tell', '11:00:00.000') },
    unconstrained: [{ words: [] }],
    malformed: [{}, { word: 7 }],
  }
}

function presentation(word: string, time: string): Presentation {
  const identity = createRecords().identity({ organization: 'acme' })
  const now = new Date(`2026-03-01T${time}Z`)
  const context = { identity, source: {}, now, fetch: globalThis.fetch }
  return { policy: { words: ['sesame', 'simsim'] }, credential: { word }, context }
}

function schemaOf<T>(name: string, accepts: (value: unknown) => boolean): SchemaOf<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate(input) {
        const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
        const value: unknown = isObject ? Reflect.get(input, name) : undefined
        return isObject && accepts(value)
          ? { value: input as T }
          : { issues: [{ message: 'must be of another kind', path: [name] }] }
      },
    },
  }
}
