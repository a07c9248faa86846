import type { BoundRole, Holding, Role, Stores, Subject } from '@countersign/core/plugin'
import { inBindings } from './role-bindings.ts'
import type { StorageSaboteur } from './saboteur.ts'
import { withBug } from './saboteur.ts'

type Spoil = (bound: readonly BoundRole[]) => readonly BoundRole[]

const EACH = 'roleBindings.heldBy MUST answer one holding for each subject, in the same order'

const START = new Date('2026-03-01T12:00:00.000Z')

/** Puts a bug into the answers of `heldBy`. */
function inHoldings(
  spoil: (holdings: readonly Holding[], subjects: readonly Subject[]) => readonly Holding[],
) {
  return inBindings(({ heldBy }) => ({
    heldBy: async (organization, subjects) => spoil(await heldBy(organization, subjects), subjects),
  }))
}

function inBound(spoil: Spoil) {
  return inHoldings((holdings) =>
    holdings.map((holding) => ({ ...holding, bound: spoil(holding.bound) })),
  )
}

function applying(bound: readonly BoundRole[]): readonly BoundRole[] {
  return bound.filter(
    ({ binding: { from = START, until } }) =>
      from <= START && (until === undefined || START < until),
  )
}

function byAge(bound: readonly BoundRole[]): readonly BoundRole[] {
  return [...bound].reverse()
}

/** Remembers each role as it was when it was first read. */
function remembering(): Spoil {
  const roles = new Map<string, Role>()
  return (bound) =>
    bound.map(({ binding, role }) => {
      const known = roles.get(binding.id) ?? role
      if (known !== undefined) roles.set(binding.id, known)
      return { binding, ...(known && { role: known }) }
    })
}

/** Hands out the very answer that it remembers, as long as somebody would notice nothing else. */
function sharing(): Spoil {
  const answers = new Map<string, readonly BoundRole[]>()
  return (bound) => {
    const key = bound.map(({ binding }) => binding.id).join()
    const answer = answers.get(key) ?? bound
    answers.set(key, answer)
    return answer
  }
}

export const holdingSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'leaves out who holds nothing',
    caughtBy: EACH,
    sabotage: inHoldings((holdings) => holdings.filter(({ bound }) => bound.length > 0)),
  },
  {
    bug: 'answers who is asked for twice only once',
    caughtBy: EACH,
    sabotage: inHoldings((holdings) => [
      ...new Map(
        holdings.map((holding) => [holding.subject.kind + holding.subject.id, holding]),
      ).values(),
    ]),
  },
  {
    bug: 'answers in an order of its own',
    caughtBy: EACH,
    sabotage: inHoldings((holdings) =>
      [...holdings].sort((one, other) => (one.subject.id < other.subject.id ? -1 : 1)),
    ),
  },
  {
    bug: 'leaves out the identity',
    caughtBy: EACH,
    sabotage: inHoldings((holdings) => holdings.map(({ identity: _, ...holding }) => holding)),
  },
  {
    bug: 'leaves out what does not apply now',
    caughtBy:
      'roleBindings.heldBy MUST answer every binding of a subject by id, past and future ones too',
    sabotage: inBound(applying),
  },
  {
    bug: 'answers the newest binding first',
    caughtBy:
      'roleBindings.heldBy MUST answer every binding of a subject by id, past and future ones too',
    sabotage: inBound(byAge),
  },
  {
    bug: 'remembers the rules of a role',
    caughtBy: 'roleBindings.heldBy MUST answer the stored roles as they stand',
    sabotage: inBound(remembering()),
  },
  {
    bug: 'answers what is held anywhere',
    caughtBy: 'roleBindings.heldBy MUST answer nothing of another organization',
    sabotage: inBindings(({ heldBy, page }) => ({
      async heldBy(organization, subjects) {
        const holdings = await heldBy(organization, subjects)
        const { rows } = await page({ filter: {}, order: 'id', limit: 1000 })
        return holdings.map((holding) => ({
          ...holding,
          bound: rows
            .filter(({ subject }) => subject.id === holding.subject.id)
            .map((binding) => ({ binding })),
        }))
      },
    })),
  },
  {
    bug: 'forgets what kind of subject holds something',
    caughtBy: 'roleBindings.heldBy MUST answer nothing of a user who has the id of an identity',
    sabotage: inBindings(({ heldBy }) => ({
      async heldBy(organization, subjects) {
        const both = subjects.map(({ id }) => heldBy(organization, bothOf(id)))
        return (await Promise.all(both)).map(([one, other], index) => ({
          subject: subjects[index] ?? { kind: 'user', id: '' },
          ...(one?.identity && { identity: one.identity }),
          bound: [...(one?.bound ?? []), ...(other?.bound ?? [])],
        }))
      },
    })),
  },
  {
    bug: 'hands out the holdings that it stores',
    caughtBy: 'roleBindings.heldBy MUST NOT let the reader change what is stored',
    sabotage: inBound(sharing()),
  },
  {
    bug: 'reads holdings past the transaction',
    caughtBy: 'roleBindings.heldBy MUST let a transaction see what it wrote',
    sabotage: (storage) => ({
      ...storage,
      transaction: (run) =>
        storage.transaction((stores) => {
          const { heldBy } = storage.roleBindings
          return run({ ...stores, roleBindings: { ...stores.roleBindings, heldBy } })
        }),
    }),
  },
]

/** Puts a bug into what tokens and static tokens answer as bound. */
function inStandings(spoil: (bound: readonly BoundRole[], stores: Stores) => Promise<Bound>) {
  return withBug((stores) => ({
    tokens: {
      ...stores.tokens,
      async find(query, now) {
        const standing = await stores.tokens.find(query, now)
        return { ...standing, bound: await spoil(standing.bound, stores) }
      },
    },
    staticTokens: {
      ...stores.staticTokens,
      async findByDigest(digests, now) {
        const standing = await stores.staticTokens.findByDigest(digests, now)
        return standing && { ...standing, bound: await spoil(standing.bound, stores) }
      },
    },
  }))
}

type Bound = readonly BoundRole[]

function inBoundOf(createSpoil: () => Spoil): StorageSaboteur['sabotage'] {
  const spoil = createSpoil()
  return inStandings(async (bound) => spoil(bound))
}

const verbSaboteurs: readonly StorageSaboteur[] = (
  ['tokens.find', 'staticTokens.findByDigest'] as const
).flatMap((verb) => [
  {
    bug: 'remembers the rules of a role that is bound',
    caughtBy: `${verb} MUST answer what is bound as it stands at the moment of the call`,
    sabotage: inBoundOf(remembering),
  },
  {
    bug: 'remembers what was bound at first',
    caughtBy: `${verb} MUST answer what is bound as it stands at the moment of the call`,
    sabotage: inBoundOf(() => {
      let first: Bound | undefined
      return (bound) => {
        first ??= bound
        return first
      }
    }),
  },
  {
    bug: 'leaves out what does not apply now',
    caughtBy: `${verb} MUST answer all that is bound by id, past and future ones too`,
    sabotage: inBoundOf(() => applying),
  },
  {
    bug: 'answers the newest binding first',
    caughtBy: `${verb} MUST answer all that is bound by id, past and future ones too`,
    sabotage: inBoundOf(() => byAge),
  },
  {
    bug: 'answers whatever is bound',
    caughtBy: `${verb} MUST answer nothing that is bound to others`,
    sabotage: inStandings(async (_bound, { roleBindings }) => {
      const { rows } = await roleBindings.page({ filter: {}, order: 'id', limit: 1000 })
      return rows.map((binding) => ({ binding }))
    }),
  },
  {
    bug: 'hands out the bound roles that it stores',
    caughtBy: `${verb} MUST NOT let the reader change what is bound`,
    sabotage: inBoundOf(sharing),
  },
])

export const boundSaboteurs: readonly StorageSaboteur[] = [
  ...verbSaboteurs,
  {
    bug: 'answers what is bound in any organization',
    caughtBy: 'tokens.find MUST answer nothing bound to who is not there',
    sabotage: withBug(({ tokens, roleBindings }) => ({
      tokens: {
        ...tokens,
        async find(query, now) {
          const subject = { kind: 'identity', id: query.identity } as const
          const { rows } = await roleBindings.page({
            filter: { subject },
            order: 'id',
            limit: 1000,
          })
          const bound = rows.map((binding) => ({ binding }))
          return { ...(await tokens.find(query, now)), bound }
        },
      },
    })),
  },
]

function bothOf(id: string): readonly Subject[] {
  return [
    { kind: 'identity', id },
    { kind: 'user', id },
  ]
}
