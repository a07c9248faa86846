import assert from 'node:assert/strict'
import type {
  Attestation,
  Check,
  SchemaOf,
  Verifier,
  VerifierContext,
} from '@countersign/core/plugin'
import { isRejection, parseWith } from '@countersign/core/plugin'
import type { Case } from './case.ts'

/** A credential as it is presented, and all that surrounds it. */
export interface Presentation {
  readonly policy: unknown
  readonly credential: unknown
  readonly context: Omit<
    VerifierContext<unknown>,
    'policy' | 'signal' | 'check' | 'notice' | 'rehearsal'
  >
}

/** Presentations of one outcome, by what is particular about them. */
export type Presentations = Readonly<Record<string, () => Presentation | Promise<Presentation>>>

/** What the author of a verifier hands over. */
export interface VerifierSubject {
  readonly verifier: Verifier
  readonly accepted: Presentations
  /** Credentials at fault: one for each reason, and each boundary of time. */
  readonly rejected: Presentations
  /** What the verifier cannot tell, because something else failed; empty where it asks nobody. */
  readonly undecided: Presentations
  /** Policies that would trust everybody; empty where the credential itself was issued for one identity. */
  readonly unconstrained: readonly unknown[]
  /** What is no credential at all. */
  readonly malformed: readonly unknown[]
}

/** Every rule of the contract of verifiers. */
export const verifierCases: readonly Case<VerifierSubject>[] = [
  {
    name: 'verify MUST answer an attestation if the credential satisfies the policy at `now`',
    async run({ verifier, accepted }) {
      assert.ok(Object.keys(accepted).length > 0)
      await each(accepted, async (presentation) => {
        const answer = await present(verifier, presentation)
        assert.equal(isRejection(answer), false)
        const { subject, claims } = answer as Attestation
        assert.ok(typeof subject === 'string' && subject.length > 0)
        assert.ok(typeof claims === 'object' && claims !== null)
      })
    },
  },
  {
    name: 'verify MUST answer a rejection where the credential is at fault',
    async run({ verifier, rejected }) {
      assert.ok(Object.keys(rejected).length > 0)
      await each(rejected, async (presentation) => {
        const answer = await present(verifier, presentation)
        assert.ok(isRejection(answer))
        assert.match(answer.reason, /^[a-z0-9_]+$/, 'a reason is a word, and repeats no data')
      })
    },
  },
  {
    name: 'verify MUST throw where it could not tell',
    async run({ verifier, undecided }) {
      await each(undecided, async (presentation) => {
        await assert.rejects(async () => present(verifier, presentation))
      })
    },
  },
  {
    name: 'verify MUST NOT change anything: the same presentation has the same answer, again and again',
    async run({ verifier, accepted, rejected }) {
      await each({ ...accepted, ...rejected }, async (presentation) => {
        const { fetch, ...context } = presentation.context
        const before = structuredClone({ ...presentation, context })
        const first = await present(verifier, presentation)
        for (let count = 0; count < 3; count += 1)
          assert.deepEqual(await present(verifier, presentation), first)
        assert.deepEqual({ ...presentation, context }, before)
      })
    },
  },
  {
    name: 'locate MUST be pure, and the same for equal credentials',
    async run({ verifier, accepted }) {
      await each(accepted, async ({ credential }) => {
        const parsed = accept(verifier.credential, credential)
        const located = verifier.locate?.(parsed)
        for (let count = 0; count < 3; count += 1)
          assert.equal(verifier.locate?.(structuredClone(parsed)), located)
      })
    },
  },
  {
    name: 'policy MUST refuse a policy that constrains nothing',
    async run({ verifier, unconstrained }) {
      for (const policy of unconstrained) assert.ok('problem' in parseWith(verifier.policy, policy))
    },
  },
  {
    name: 'verify MUST NOT note a check that failed beside an attestation',
    async run({ verifier, accepted, rejected }) {
      await each({ ...accepted, ...rejected }, async (presentation) => {
        const checks: Check[] = []
        const answer = await present(verifier, presentation, { checks })
        const failed = checks.filter(({ passed }) => !passed)
        if (isRejection(answer)) assert.ok(checks.length === 0 || failed.length > 0)
        else assert.deepEqual(failed, [])
      })
    },
  },
  {
    name: 'verify MUST answer the same in a rehearsal',
    async run({ verifier, accepted, rejected }) {
      await each({ ...accepted, ...rejected }, async (presentation) => {
        const answer = await present(verifier, presentation)
        assert.deepEqual(await present(verifier, presentation, { rehearsal: true }), answer)
      })
    },
  },
  {
    name: 'verify MUST NOT show a check what it must not show: the credential itself',
    async run({ verifier, accepted, rejected }) {
      await each({ ...accepted, ...rejected }, async (presentation) => {
        const checks: Check[] = []
        await present(verifier, presentation, { checks, rehearsal: true })
        const told = JSON.stringify(checks)
        for (const secret of longTextsOf(presentation.credential))
          assert.ok(!told.includes(secret), 'a check repeats the credential')
      })
    },
  },
  {
    name: 'policy MUST accept again what it answered, after it was stored as JSON',
    async run({ verifier, accepted }) {
      await each(accepted, async ({ policy }) => {
        const parsed = accept(verifier.policy, policy)
        const stored: unknown = JSON.parse(JSON.stringify(parsed))
        assert.deepEqual(accept(verifier.policy, stored), parsed)
      })
    },
  },
  {
    name: 'credential MUST refuse what is no credential, and repeat none of it',
    async run({ verifier, malformed }) {
      for (const credential of [undefined, null, 7, 'text', [], ...malformed]) {
        const parsed = parseWith(verifier.credential, credential)
        assert.ok('problem' in parsed, JSON.stringify(credential))
      }
    },
  },
]

async function each(
  presentations: Presentations,
  check: (presentation: Presentation) => Promise<void>,
): Promise<void> {
  for (const [what, prepare] of Object.entries(presentations)) {
    const presentation = await prepare()
    try {
      await check(presentation)
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    }
  }
}

/** Presents a credential as the engine does: both sides parsed, and a deadline. */
async function present(
  verifier: Verifier,
  { policy, credential, context }: Presentation,
  { rehearsal = false, checks = [] }: { rehearsal?: boolean; checks?: Check[] } = {},
) {
  return verifier.verify(accept(verifier.credential, credential), {
    ...context,
    policy: accept(verifier.policy, policy),
    signal: AbortSignal.timeout(10_000),
    check: (check) => void checks.push(check),
    notice: () => undefined,
    rehearsal,
  })
}

/** Texts of a credential that are long enough to be more than a name. */
function longTextsOf(credential: unknown): readonly string[] {
  if (typeof credential === 'string') return credential.length >= 16 ? [credential] : []
  return typeof credential === 'object' && credential !== null
    ? Object.values(credential).flatMap(longTextsOf)
    : []
}

function accept<T>(schema: SchemaOf<T>, input: unknown): T {
  const parsed = parseWith(schema, input)
  if ('problem' in parsed)
    throw new Error(`The schema refuses what it must accept: ${parsed.problem}`)
  return parsed.value
}
