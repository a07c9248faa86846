import assert from 'node:assert/strict'
import type { Storage } from '@countersign/core/plugin'
import { DEFAULT_LOCKOUT } from '@countersign/core/plugin'
import { postgresStorage } from '@countersign/postgres'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { openDatabase } from '../support/database.ts'
import { anEvent, anOrganization, at } from '../support/records.ts'
import type { Tenancy } from '../support/tenant.ts'
import { aTenancy, MARKER, storeTenant } from '../support/tenant.ts'

const database = await openDatabase()
const MINE = 'acme'
const THEIRS = 'globex'

/** What belongs to the deployment rather than to an organization, and is never handed an organization's word. */
const OF_THE_DEPLOYMENT: Readonly<Record<string, readonly string[]>> = {
  organizations: ['find', 'insert', 'replace', 'remove', 'page', 'hold'],
  identities: ['unused'],
  clientSecrets: ['endedOverlaps', 'expiring'],
  staticTokens: ['findByDigest', 'expiring'],
  logins: ['find'],
  // What a proof is marked by is the key that signed it, whoever shows it.
  tokens: ['markSeen'],
  keys: ['ensure', 'list', 'succeed', 'reseal', 'remove'],
  rootKeys: ['uses', 'retire'],
  outbox: ['append', 'appendOnce'],
  trail: ['open', 'seal', 'read', 'organizations', 'unchecked', 'checkpoint', 'forget'],
  sinkPlaces: ['placeOf', 'claim', 'advance', 'release'],
}

const event = anEvent({ organization: MINE })
const owns = { organization: MINE }
const all = { order: 'id', limit: 100 } as const

/** Every other verb, called by one organization with everything that it could know of the other one. */
const attacks: Readonly<Record<string, (theirs: Tenancy, storage: Storage) => unknown>> = {
  'projects.find': ({ project }, { projects }) => projects.find(MINE, project.id),
  'projects.insert': ({ project }, { projects }) =>
    projects.insert({ ...project, ...owns, name: 'mine' }, [event]),
  'projects.replace': ({ project }, { projects }) =>
    projects.replace({ ...project, ...owns, name: 'mine', revision: 2 }, [event]),
  'projects.remove': ({ project }, { projects }) => projects.remove([MINE, project.id], [event]),
  'projects.page': ({ project: { name } }, { projects }) =>
    projects.page({ ...all, filter: { ...owns, name } }),
  'identities.find': ({ identity }, { identities }) => identities.find(MINE, identity.id),
  'identities.insert': ({ identity }, { identities }) => {
    const { project: _project, ...rest } = identity
    return identities.insert({ ...rest, ...owns }, [event])
  },
  'identities.replace': ({ identity }, { identities }) => {
    const { project: _project, ...rest } = identity
    return identities.replace({ ...rest, ...owns, disabled: true, revision: 2 }, [event])
  },
  'identities.remove': ({ identity }, { identities }) =>
    identities.remove([MINE, identity.id], [event]),
  'identities.noteUnused': ({ identity: { id } }, { identities }) =>
    identities.noteUnused({ ...owns, id, since: at(900), now: at(901) }, [event]),
  'identities.page': async ({ identity, project }, { identities }) => {
    const { name, slug, owner, metadata } = identity
    const filters = [{ name }, { slug }, { owner }, { metadata }, { project: project.id }, {}]
    const given = JSON.parse(JSON.stringify(filters)) as object[]
    return Promise.all(
      given.map((filter) => identities.page({ ...all, filter: { ...filter, ...owns } })),
    )
  },
  'authTemplates.find': ({ template }, { authTemplates }) => authTemplates.find(MINE, template.id),
  'authTemplates.insert': ({ template }, { authTemplates }) =>
    authTemplates.insert({ ...template, ...owns, name: 'mine', policy: {} }, [event]),
  'authTemplates.replace': ({ template }, { authTemplates }) =>
    authTemplates.replace({ ...template, ...owns, policy: {}, revision: 2 }, [event]),
  'authTemplates.remove': ({ template }, { authTemplates }) =>
    authTemplates.remove([MINE, template.id], [event]),
  'authTemplates.page': ({ template: { name, method } }, { authTemplates }) =>
    Promise.all(
      [{ name }, { method }, {}].map((filter) =>
        authTemplates.page({ ...all, filter: { ...filter, ...owns } }),
      ),
    ),
  'authMethods.find': ({ identity }, { authMethods }) =>
    authMethods.find(MINE, identity.id, 'universal'),
  'authMethods.insert': ({ authMethod }, { authMethods }) =>
    authMethods.insert({ ...authMethod, ...owns, id: 'amt_x', method: 'token' }, [event]),
  'authMethods.replace': ({ authMethod }, { authMethods }) =>
    authMethods.replace({ ...authMethod, ...owns, revision: 2 }, [event]),
  'authMethods.remove': ({ identity }, { authMethods }) =>
    authMethods.remove([MINE, identity.id, 'universal'], [event]),
  'authMethods.page': ({ identity }, { authMethods }) =>
    authMethods.page({ ...all, filter: { ...owns, identity: identity.id } }),
  'roles.find': ({ role }, { roles }) => roles.find(MINE, role.id),
  'roles.insert': ({ role }, { roles }) =>
    roles.insert({ ...role, ...owns, name: 'mine', description: '' }, [event]),
  'roles.replace': ({ role }, { roles }) =>
    roles.replace({ ...role, ...owns, name: 'mine', description: '', revision: 2 }, [event]),
  'roles.remove': ({ role }, { roles }) => roles.remove([MINE, role.id], [event]),
  'roles.page': ({ role: { slug } }, { roles }) =>
    roles.page({ ...all, filter: { ...owns, slug } }),
  'roleBindings.find': ({ binding }, { roleBindings }) => roleBindings.find(MINE, binding.id),
  'roleBindings.insert': ({ binding }, { roleBindings }) =>
    roleBindings.insert({ ...binding, ...owns, id: 'bnd_x', role: 'admin' }, [event]),
  'roleBindings.replace': ({ binding }, { roleBindings }) =>
    roleBindings.replace({ ...binding, ...owns }, [event]),
  'roleBindings.remove': ({ binding }, { roleBindings }) =>
    roleBindings.remove([MINE, binding.id], [event]),
  'roleBindings.page': ({ binding: { subject } }, { roleBindings }) =>
    roleBindings.page({ ...all, filter: { ...owns, subject } }),
  'roleBindings.heldBy': async ({ binding: { subject } }, { roleBindings }) =>
    (await roleBindings.heldBy(MINE, [subject])).map(({ bound, identity }) => [bound, identity]),
  'clientSecrets.insert': ({ secret }, { clientSecrets }) => {
    const digest = { rootKey: 'key', value: 'mine' }
    return clientSecrets.insert({ ...secret, ...owns, id: 'csc_x' }, digest, [event])
  },
  'clientSecrets.find': ({ secret }, { clientSecrets }) => clientSecrets.find(MINE, secret.id),
  'clientSecrets.page': ({ identity }, { clientSecrets }) =>
    clientSecrets.page({ ...all, filter: { ...owns, identity: identity.id } }),
  'clientSecrets.revoke': ({ secret: { id } }, { clientSecrets }) =>
    clientSecrets.revoke({ ...owns, id, mark: { ...owns, id, until: at(9) } }, REVOCATION, [event]),
  'clientSecrets.remove': ({ secret: { id } }, { clientSecrets }) =>
    clientSecrets.remove({ ...owns, id, mark: { ...owns, id, until: at(9) } }, [event]),
  'clientSecrets.noteExpiry': ({ secret: { id } }, { clientSecrets }) =>
    clientSecrets.noteExpiry({ ...owns, id }, 60, [event]),
  'clientSecrets.record': ({ secret }, { clientSecrets }) =>
    clientSecrets.record([{ ...statistic(secret), credential: secret.id }]),
  'clientSecrets.rotate': ({ secret }, { clientSecrets }) => {
    const successor = { ...secret, ...owns, id: 'csc_y' } as const
    const digest = { rootKey: 'key', value: 'successor' }
    return clientSecrets.rotate({ ...owns, id: secret.id, successor, digest, endsAt: at(9) }, [
      event,
    ])
  },
  'clientSecrets.noteEnd': ({ secret }, { clientSecrets }) =>
    clientSecrets.noteEnd({ ...secret, ...owns }, [event]),
  'staticTokens.insert': ({ token }, { staticTokens }) => {
    const digest = { rootKey: 'key', value: 'mine' }
    return staticTokens.insert({ ...token, ...owns, id: 'stk_x' }, digest, [event])
  },
  'staticTokens.find': ({ token }, { staticTokens }) => staticTokens.find(MINE, token.id),
  'staticTokens.page': ({ identity }, { staticTokens }) =>
    staticTokens.page({ ...all, filter: { ...owns, identity: identity.id } }),
  'staticTokens.revoke': ({ token: { id } }, { staticTokens }) =>
    staticTokens.revoke({ ...owns, id }, REVOCATION, [event]),
  'staticTokens.remove': ({ token: { id } }, { staticTokens }) =>
    staticTokens.remove({ ...owns, id }, [event]),
  'staticTokens.noteExpiry': ({ token: { id } }, { staticTokens }) =>
    staticTokens.noteExpiry({ ...owns, id }, 60, [event]),
  'staticTokens.record': ({ token }, { staticTokens }) =>
    staticTokens.record([{ ...statistic(token), credential: token.id }]),
  'staticTokens.use': ({ token: { id } }, { staticTokens }) =>
    staticTokens.use({ ...owns, id }, at(0), [event]),
  'staticTokens.rename': ({ token: { id } }, { staticTokens }) =>
    staticTokens.rename({ ...owns, id }, 'mine', [event]),
  'staticTokens.revokeAll': ({ identity: { id } }, { staticTokens }) =>
    staticTokens.revokeAll({ ...owns, identity: id }, REVOCATION, [event]),
  'logins.grant': ({ identity, authMethod, secret, session }, { logins }) =>
    logins.grant(
      {
        ...owns,
        identity: identity.id,
        authMethod: authMethod.id,
        generation: 1,
        charges: [{ kind: 'use', credential: secret.id }],
        counted: { session, until: at(9) },
        redigest: { credential: secret.id, digest: { rootKey: 'key', value: 'stolen' } },
      },
      at(0),
      [event],
    ),
  'logins.strike': ({ identity: { id } }, { logins }) => {
    const key = { ...owns, identity: id, method: 'universal', class: 'strangers' } as const
    return logins.strike(key, DEFAULT_LOCKOUT, at(0), { refused: [event], locked: [event] })
  },
  'tokens.find': (theirs, { tokens }) => tokens.find(standing(theirs), at(0)),
  'tokens.renew': (theirs, { tokens }) =>
    tokens.renew({ ...standing(theirs), generation: 1 }, at(0), [event]),
  'tokens.spend': (theirs, { tokens }) => tokens.spend(standing(theirs), 10, [event]),
  'tokens.revoke': ({ session: id }, { tokens }) =>
    tokens.revoke({ ...owns, id, until: at(9) }, [event]),
  'lockouts.active': ({ identity: { id } }, { lockouts }) =>
    lockouts.active({ ...owns, identity: id }, at(0)),
  'lockouts.clear': ({ identity: { id } }, { lockouts }) =>
    lockouts.clear({ ...owns, identity: id }, at(0), [event]),
  'trail.links': (_, { trail }) => trail.links(MINE, 0, 100),
  'trail.chain': (_, { trail }) => trail.chain(MINE),
  'trail.page': ({ identity: { id } }, { trail }) =>
    trail.page({ filter: { ...owns, identity: id }, limit: 100 }),
}

const REVOCATION = { at: at(0), reason: 'revoked', by: { kind: 'engine' } } as const

const statistic = ({ identity }: Pick<Tenancy['secret'], 'identity'>) => ({
  ...owns,
  identity,
  uses: 5,
  firstUsedAt: at(1),
  lastUsedAt: at(2),
})

const standing = ({ identity, authMethod, session }: Tenancy) => ({
  ...owns,
  identity: identity.id,
  authMethod: authMethod.id,
  session,
})

describe.skipIf(database === undefined)('another organization in the same tables', () => {
  if (database === undefined) return
  const { pool } = database
  const storage = postgresStorage({ pool, timeout: 20 })
  const theirs = aTenancy(THEIRS, 77)
  let before: Readonly<Record<string, { readonly count: string }>>
  beforeAll(async () => {
    await storeTenant(storage, THEIRS, 1_000)
    await storage.organizations.insert(anOrganization({ id: MINE, name: 'mine' }), [])
    before = await rowsOfTheirs()
    for (const table of ['identities', 'credentials', 'role_bindings', 'use_counts', 'outbox'])
      assert.ok(Number(before[table]?.count) >= 1_000, `there are not enough ${table}`)
  }, 120_000)
  afterAll(() => database.drop())

  test('TEN-012 no verb of a store was forgotten', () => {
    const covered = new Set(Object.keys(attacks))
    for (const [store, verbs] of Object.entries(OF_THE_DEPLOYMENT))
      for (const verb of verbs) covered.add(`${store}.${verb}`)
    const members = Object.entries(storage).filter(([, member]) => typeof member === 'object')
    const verbs = members.flatMap(([store, member]) =>
      Object.keys(member).map((verb) => `${store}.${verb}`),
    )
    assert.deepEqual(new Set(verbs), covered)
  })

  for (const [verb, attack] of Object.entries(attacks))
    test(`TEN-012 ${verb}() shows and changes no row of another organization`, async () => {
      const answer = await attack(theirs, storage)
      const shown = JSON.stringify(answer) ?? ''
      assert.equal(shown.includes(MARKER), false, shown)
      assert.equal(shown.includes(`"${THEIRS}"`), false, shown)
      assert.deepEqual(await rowsOfTheirs(), before)
    })

  /** How many rows each table has of theirs, and what is in them. */
  async function rowsOfTheirs(): Promise<typeof before> {
    const { rows } = await pool.query(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'countersign' AND column_name = 'organization' ORDER BY 1`,
    )
    const contents: Record<string, { readonly count: string }> = {}
    for (const { name } of rows) {
      const query = `SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text))
        FROM countersign.${name} t WHERE organization = $1`
      contents[name] = (await pool.query(query, [THEIRS])).rows[0]
    }
    return contents
  }
})
