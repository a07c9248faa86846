import assert from 'node:assert/strict'
import { memoryStorage } from '@countersign/core'
import { storageCases } from '@countersign/testing/conformance'
import { describe, test } from 'vitest'
import { rotationSaboteurs, staticTokenSaboteurs } from './saboteurs/credentials.ts'
import { boundSaboteurs, holdingSaboteurs } from './saboteurs/holdings.ts'
import { keySaboteurs, redigestSaboteurs, rootKeySaboteurs } from './saboteurs/keys.ts'
import { loginSaboteurs } from './saboteurs/logins.ts'
import { recordSaboteurs } from './saboteurs/records.ts'
import { roleBindingSaboteurs } from './saboteurs/role-bindings.ts'
import { projectIdentitySaboteurs, roleSaboteurs } from './saboteurs/roles.ts'
import { sinkPlaceSaboteurs } from './saboteurs/sink-places.ts'
import { authoritySaboteurs, secretSaboteurs, tokenSaboteurs } from './saboteurs/tokens.ts'
import { chainSaboteurs, checkpointSaboteurs, trailSaboteurs } from './saboteurs/trail.ts'
import {
  holdSaboteurs,
  hostTransaction,
  hostTransactionSaboteurs,
  removalRaceSaboteurs,
} from './saboteurs/transactions.ts'

const clock = (): Date => new Date('2026-03-01T12:00:00.000Z')

const saboteurs = [
  ...recordSaboteurs,
  ...projectIdentitySaboteurs,
  ...roleSaboteurs,
  ...roleBindingSaboteurs,
  ...holdingSaboteurs,
  ...boundSaboteurs,
  ...loginSaboteurs,
  ...tokenSaboteurs,
  ...secretSaboteurs,
  ...staticTokenSaboteurs,
  ...rotationSaboteurs,
  ...keySaboteurs,
  ...rootKeySaboteurs,
  ...redigestSaboteurs,
  ...trailSaboteurs,
  ...chainSaboteurs,
  ...checkpointSaboteurs,
  ...sinkPlaceSaboteurs,
  ...authoritySaboteurs,
  ...holdSaboteurs,
  ...hostTransactionSaboteurs,
  ...removalRaceSaboteurs,
]

describe('storageCases', () => {
  for (const { bug, caughtBy, sabotage } of saboteurs)
    test(`${caughtBy}: catches a storage that ${bug}`, async () => {
      const found = storageCases.find(({ name }) => name === caughtBy)
      assert.ok(found, 'there is no such case')
      const createStorage = async () => sabotage(memoryStorage({ clock }))
      await assert.rejects(found.run({ createStorage, clock, hostTransaction }), {
        name: 'AssertionError',
      })
    })
})
