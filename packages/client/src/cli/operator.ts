import { ask } from './api.ts'
import type { Settings } from './settings.ts'
import { optionOf, variableOf } from './settings.ts'
import type { Row } from './show.ts'
import { show } from './show.ts'
import { UsageError } from './terminal.ts'
import { verifyTrail } from './verify.ts'

/** Lists, makes and removes identities. */
export function identities(settings: Settings): Promise<number> {
  return byVerb(settings, {
    async list() {
      const answer = await ask(settings, '/api/v1/identities')
      const rows = rowsOf(answer['identities']).map((row) => {
        const identity = objectOf(row['identity'])
        const { id, name, authMethods } = identity
        return { id, name, role: row['role'], methods: listOf(authMethods).join(',') }
      })
      show(settings, rows, answer)
    },
    async show() {
      const answer = await ask(settings, `/api/v1/identities/${subjectOf(settings)}`)
      show(settings, [objectOf(objectOf(answer['identity'])['identity'])], answer)
    },
    async create() {
      const name = optionOf(settings, 'name') ?? settings.words[2]
      if (name === undefined) throw new UsageError('Name the identity: identities create <name>')
      const role = optionOf(settings, 'role')
      const body = { name, ...(role !== undefined && { role }) }
      const answer = await ask(settings, '/api/v1/identities', { method: 'POST', body })
      const identity = objectOf(answer['identity'])
      const attach = `/api/v1/auth/universal-auth/identities/${identity['id']}`
      if (settings.options['with-secrets'] === true)
        await ask(settings, attach, { method: 'POST', body: {} })
      show(settings, [pick(identity, 'id', 'name')], answer)
    },
    async delete() {
      const id = subjectOf(settings)
      await ask(settings, `/api/v1/identities/${id}`, { method: 'DELETE' })
      settings.terminal.note(`${id} is gone, and all that it logged in with`)
    },
  })
}

/** Mints, lists and revokes client secrets of an identity. */
export function secrets(settings: Settings): Promise<number> {
  const path = () => `/api/v1/auth/universal-auth/identities/${subjectOf(settings)}/client-secrets`
  return byVerb(settings, {
    async list() {
      const answer = await ask(settings, path())
      const shown = ['id', 'description', 'clientSecretPrefix', 'clientSecretNumUses', 'createdAt']
      const rows = rowsOf(answer['clientSecretData']).map((row) => pick(row, ...shown))
      show(settings, rows, answer)
    },
    async create() {
      const body = {
        description: optionOf(settings, 'name') ?? 'countersign CLI',
        ttl: wholeOf(settings, 'ttl'),
        numUsesLimit: wholeOf(settings, 'uses'),
      }
      const answer = await ask(settings, path(), { method: 'POST', body })
      settings.terminal.note('This secret is shown once')
      if (settings.options['json'] === true) show(settings, [], answer)
      else settings.terminal.print(String(answer['clientSecret']))
    },
    async revoke() {
      const id = settings.words[3]
      if (id === undefined) throw new UsageError('Name both: secrets revoke <identity> <secret id>')
      await ask(settings, `${path()}/${encodeURIComponent(id)}/revoke`, {
        method: 'POST',
        body: {},
      })
      settings.terminal.note(`${id} is revoked, and its tokens with it`)
    },
  })
}

/** Lists the roles of the organization, or of a project. */
export function roles(settings: Settings): Promise<number> {
  return byVerb(settings, {
    async list() {
      const project = optionOf(settings, 'project')
      const organization = optionOf(settings, 'organization') ?? (await organizationOf(settings))
      const path =
        project === undefined
          ? `/api/v1/organization/${encodeURIComponent(organization)}/roles`
          : `/api/v1/projects/${encodeURIComponent(project)}/roles`
      const answer = await ask(settings, path)
      const rows = rowsOf(answer['roles'] ?? objectOf(answer['data'])['roles'])
      show(
        settings,
        rows.map((row) => pick(row, 'slug', 'name', 'description')),
        answer,
      )
    },
  })
}

/** Shows what happened, the newest first, or verifies what was kept of it. */
export function audit(settings: Settings): Promise<number> {
  if (settings.words[1] === 'verify') return verifyTrail(settings)
  return byVerb(settings, {
    async list() {
      const answer = await ask(settings, '/api/v1/organization/audit-logs?limit=50')
      const rows = rowsOf(answer['auditLogs']).map((row) => ({
        at: row['createdAt'],
        type: objectOf(row['event'])['type'],
        actor: objectOf(row['actor'])['type'],
        target: objectOf(objectOf(row['event'])['metadata'])['targetId'],
      }))
      show(settings, rows, answer)
    },
  })
}

/** Shows the public keys that tokens are signed with. */
export function keys(settings: Settings): Promise<number> {
  return byVerb(settings, {
    async list() {
      const answer = await ask(settings, '/.well-known/jwks.json', { token: '' })
      const rows = rowsOf(answer['keys']).map((row) => pick(row, 'kid', 'alg', 'kty', 'crv'))
      show(settings, rows, answer)
    },
  })
}

async function byVerb(
  settings: Settings,
  verbs: Readonly<Record<string, () => Promise<void>>>,
): Promise<number> {
  const [command, verb = 'list'] = settings.words
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (run === undefined) throw new UsageError(`${command} takes ${Object.keys(verbs).join(', ')}`)
  await run()
  return 0
}

async function organizationOf(settings: Settings): Promise<string> {
  const named = variableOf(settings, 'COUNTERSIGN_ORGANIZATION')
  if (named !== undefined) return named
  const answer = await ask(settings, '/api/v1/identities/details')
  const { organization } = objectOf(answer['identityDetails'])
  return String(objectOf(organization)['id'])
}

function subjectOf(settings: Settings): string {
  const id = optionOf(settings, 'identity') ?? settings.words[2]
  if (id === undefined) throw new UsageError('Name the identity by its id')
  return encodeURIComponent(id)
}

function wholeOf(settings: Settings, name: string): number {
  const text = optionOf(settings, name) ?? '0'
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`--${name} is a whole number`)
  return Number(text)
}

const objectOf = (value: unknown): Row =>
  typeof value === 'object' && value !== null ? (value as Row) : {}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const rowsOf = (value: unknown): readonly Row[] => listOf(value).map(objectOf)

const pick = (row: Row, ...names: readonly string[]): Row =>
  Object.fromEntries(names.map((name) => [name, row[name]]))
