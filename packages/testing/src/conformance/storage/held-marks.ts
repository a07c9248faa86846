import assert from 'node:assert/strict'
import type { LoginReason } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import type { Workload } from './seed.ts'
import { grantOf, seedWorkload } from './seed.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** Marks that whoever left them first may leave again. */
export const heldMarkCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'logins.grant MUST accept a held `once` key again from its holder and from no other, to the later end',
    async (world) => {
      const workload = await seedWorkload(world)
      const show = (holder: string, now: number, until: number) =>
        showKey(world, workload, { holder, now, until })
      assert.equal(await show('one', 0, 60), undefined)
      assert.equal(await show('other', 1, 600), 'evidence_replayed')
      assert.equal(await show('one', 59, 120), undefined)
      assert.equal(await show('one', 60, 70), undefined)
      assert.equal(await show('other', 119, 600), 'evidence_replayed')
      assert.equal(await show('other', 120, 180), undefined)
      assert.equal(await show('one', 121, 600), 'evidence_replayed')
    },
  ),
  storageCase(
    'logins.grant MUST accept a held `once` key from one holder alone, however many show it at once',
    async (world) => {
      const workload = await seedWorkload(world)
      const holders = ['one', 'other']
      const granted = await race(world.racers, async (index) => {
        const holder = holders[index % 2] ?? ''
        const refusal = await showKey(world, workload, { holder, now: 0, until: 60 })
        return refusal === undefined ? holder : undefined
      })
      const winners = granted.filter((holder) => holder !== undefined)
      assert.notEqual(winners.length, 0)
      assert.equal(new Set(winners).size, 1)
    },
  ),
]

interface Shown {
  readonly holder: string
  readonly now: number
  readonly until: number
}

function showKey(
  { storage }: World,
  workload: Workload,
  { holder, now, until }: Shown,
): Promise<LoginReason | undefined> {
  const charges = [{ kind: 'once', key: 'first', until: at(until), holder }] as const
  return storage.logins.grant(grantOf(workload, { charges }), at(now), [])
}
