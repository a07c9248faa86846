import type { Charge, LoginGrant, LoginStore } from '@countersign/core/plugin'
import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

/** Puts a bug into the store of logins. */
function inLogins(change: (logins: LoginStore) => Partial<LoginStore>) {
  return withBug((stores) => ({ logins: { ...stores.logins, ...change(stores.logins) } }))
}

type Held = Extract<Charge, { readonly kind: 'once' }>

const AGAIN =
  'logins.grant MUST accept a held `once` key again from its holder and from no other, to the later end'
const ALONE =
  'logins.grant MUST accept a held `once` key from one holder alone, however many show it at once'

/** Storages that keep no promise about marks with a holder. */
export const heldMarkSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'lets every holder pass',
    caughtBy: AGAIN,
    sabotage: inLogins((logins) => ({
      grant: (grant, now, events) => logins.grant({ ...grant, charges: [] }, now, events),
    })),
  },
  {
    bug: 'lets no holder pass again',
    caughtBy: AGAIN,
    sabotage: inLogins((logins) => ({
      grant: (grant, now, events) =>
        logins.grant(
          changed(grant, ({ holder: _holder, ...charge }) => charge),
          now,
          events,
        ),
    })),
  },
  {
    bug: 'shortens the mark of a holder',
    caughtBy: AGAIN,
    sabotage: inLogins((logins) => {
      const ends = new Map<string, Date>()
      return {
        grant(grant, now, events) {
          const stale = heldIn(grant).filter(
            ({ key }) => now.getTime() >= (ends.get(key)?.getTime() ?? Infinity),
          )
          for (const { key, until } of heldIn(grant)) ends.set(key, until)
          const anew = (charge: Held): Held =>
            stale.includes(charge) ? { ...charge, key: `${charge.key} ${now.getTime()}` } : charge
          return logins.grant(changed(grant, anew), now, events)
        },
      }
    }),
  },
  {
    bug: 'asks for the holder, and then writes it',
    caughtBy: ALONE,
    sabotage: inLogins((logins) => {
      const holders = new Map<string, string | undefined>()
      return {
        async grant(grant, now, events) {
          const isHeld = heldIn(grant).some(
            ({ key, holder }) => (holders.get(key) ?? holder) !== holder,
          )
          await tick()
          if (isHeld) return 'evidence_replayed'
          for (const { key, holder } of heldIn(grant)) holders.set(key, holder)
          return logins.grant({ ...grant, charges: [] }, now, events)
        },
      }
    }),
  },
]

function heldIn({ charges }: LoginGrant): readonly Held[] {
  return charges.filter((charge): charge is Held => charge.kind === 'once')
}

function changed(grant: LoginGrant, change: (charge: Held) => Charge): LoginGrant {
  const charges = grant.charges.map((charge) => (charge.kind === 'once' ? change(charge) : charge))
  return { ...grant, charges }
}
