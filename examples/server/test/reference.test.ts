import { readFile } from 'node:fs/promises'
import type { ErrorCode, EventType } from '@countersign/core'
import { expect, test } from 'vitest'

const EVENT_TYPES = {
  'organization.created': true,
  'organization.updated': true,
  'organization.deleted': true,
  'project.created': true,
  'project.updated': true,
  'project.deleted': true,
  'identity.created': true,
  'identity.updated': true,
  'identity.deleted': true,
  'identity.unused': true,
  'auth_method.attached': true,
  'auth_method.updated': true,
  'auth_method.detached': true,
  'auth_method.rehearsed': true,
  'auth_template.created': true,
  'auth_template.updated': true,
  'auth_template.deleted': true,
  'client_secret.created': true,
  'client_secret.rotated': true,
  'client_secret.expiring': true,
  'client_secret.expired': true,
  'client_secret.revoked': true,
  'client_secret.deleted': true,
  'static_token.created': true,
  'static_token.updated': true,
  'static_token.expiring': true,
  'static_token.revoked': true,
  'static_token.deleted': true,
  'role.created': true,
  'role.updated': true,
  'role.deleted': true,
  'role_binding.created': true,
  'role_binding.deleted': true,
  'permission.denied': true,
  'vocabulary.outgrown': true,
  'login.granted': true,
  'login.refused': true,
  'lockout.started': true,
  'lockout.cleared': true,
  'token.renewed': true,
  'token.exchanged': true,
  'token.revoked': true,
  'token.refused': true,
  'signing_key.created': true,
  'signing_key.revoked': true,
  'key.expiring': true,
  'root_key.retired': true,
  'clock.drifted': true,
  'trail.broken': true,
  'trail.resigned': true,
  'trail.forgotten': true,
  'storage.restored': true,
} satisfies Record<EventType, true>

const ERROR_CODES = {
  invalid_request: true,
  invalid_credential: true,
  invalid_token: true,
  locked_out: true,
  rate_limited: true,
  permission_denied: true,
  not_found: true,
  conflict: true,
  unavailable: true,
} satisfies Record<ErrorCode, true>

/** The words in the first column of the table with this heading. */
async function firstColumn(page: string, heading: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
  const table = text.split('\n\n').find((block) => block.match(/^\| (\w+)/)?.[1] === heading) ?? ''
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, word = '']) => word)
}

// The compiler keeps the lists above complete, and these tests the pages.
test('events.md tells of every type of event', async () => {
  expect(await firstColumn('reference/events.md', 'type')).toEqual(Object.keys(EVENT_TYPES))
})

test('errors.md tells of every code', async () => {
  expect(await firstColumn('reference/errors.md', 'code')).toEqual(Object.keys(ERROR_CODES))
})
