import type { Charge, Event, LoginGrant, LoginReason } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { fromEvents } from '../records.ts'
import type { Value } from '../statement.ts'
import { grantLogin, holdOnceKeys } from '../statements/grant.ts'

/** Commits a grant, or answers why not and leaves everything as it was. */
export async function grant(
  db: Db,
  given: LoginGrant,
  now: Date,
  events: readonly Event[],
): Promise<LoginReason | undefined> {
  const charges = sort(given.charges)
  const values = valuesOf(given, charges, now, events)
  if (charges.once.length <= 1) return askGrant(db, values)
  // Shown twice in one grant, the second one is a replay.
  if (new Set(charges.once.map(({ key }) => key)).size < charges.once.length)
    return 'evidence_replayed'
  return grantOfMany(db, charges, values)
}

interface Use {
  readonly credential: string
  readonly place: number
  count: number
}

/** The charges of one kind each, and where they stand among all. */
interface Charges {
  readonly uses: readonly Use[]
  readonly once: readonly {
    readonly key: string
    readonly until: Date
    readonly holder: string | undefined
    readonly place: number
  }[]
}

/** The statement can take back no key that it has accepted, so several are undone with the transaction. */
async function grantOfMany(
  db: Db,
  { once }: Charges,
  values: readonly Value[],
): Promise<LoginReason | undefined> {
  const refused: { reason?: LoginReason } = {}
  const attempt = db.atomic(async (one) => {
    await one.ask(holdOnceKeys, [once.map(({ key }) => key)])
    const reason = await askGrant(one, values)
    if (reason === undefined) return
    refused.reason = reason
    throw new Error('The grant was refused')
  })
  await attempt.catch((error: unknown) => {
    if (refused.reason === undefined) throw error
  })
  return refused.reason
}

async function askGrant(db: Db, values: readonly Value[]): Promise<LoginReason | undefined> {
  const [reason] = await db.ask(grantLogin, values)
  return reason
}

function sort(charges: readonly Charge[]): Charges {
  const uses = new Map<string, Use>()
  const once: Charges['once'][number][] = []
  for (const [place, charge] of charges.entries()) {
    if (charge.kind === 'once') {
      const { key, until, holder } = charge
      once.push({ key, until, holder, place })
    } else {
      const use = uses.get(charge.credential) ?? { credential: charge.credential, place, count: 0 }
      use.count += 1
      uses.set(charge.credential, use)
    }
  }
  return { uses: [...uses.values()], once }
}

function valuesOf(
  given: LoginGrant,
  { uses, once }: Charges,
  now: Date,
  events: readonly Event[],
): readonly Value[] {
  const { lockout, remember, counted, redigest } = given
  return [
    ...[given.organization, given.identity, given.generation, given.authMethod, now.getTime()],
    ...[lockout?.organization, lockout?.identity, lockout?.method],
    lockout && [lockout.class, ...(lockout.total === undefined ? [] : [lockout.total])],
    uses.map(({ credential }) => credential),
    uses.map(({ count }) => count),
    uses.map(({ place }) => place),
    once.map(({ key }) => key),
    once.map(({ until }) => until.getTime()),
    once.map(({ place }) => place),
    ...[remember?.method, remember?.source, remember?.until.getTime()],
    ...[counted?.session, counted?.until.getTime()],
    ...[redigest?.credential, redigest?.digest.value, redigest?.digest.rootKey],
    fromEvents(events),
    once.map(({ holder }) => holder ?? ''),
  ]
}
