import { invalidToken, notFound } from '../../errors.ts'
import type { Actor } from '../../model/actor.ts'
import { compileHolding } from '../../model/permission/compile-bound.ts'
import type { CompiledPermissions } from '../../model/permission/compile-rules.ts'
import type { Stores } from '../../ports/storage.ts'
import type { Grounds } from '../handle.ts'
import { readAs } from '../handle.ts'
import type { Parts } from '../parts.ts'
import { refuseGrounds } from '../refuse-grounds.ts'
import type { Boundary } from './boundary.ts'
import { createBoundary, UNBOUNDED } from './boundary.ts'

/** On whose word something is managed: who acts, and how far that reaches. */
export interface Authority {
  readonly actor: Actor
  /** The actor's boundary in an organization, as these stores know it; `not_found` in any other than its own. */
  boundaryIn(organization: string | undefined, stores: Stores): Promise<Boundary>
}

/** The host's own authority: it may do everything, and its label stands in every event. */
export function hostAuthority(label: string): Authority {
  if (typeof label !== 'string' || label.trim() === '' || !/^\P{C}{1,128}$/u.test(label))
    throw new TypeError(
      'asHost() takes a label of 1 to 128 printable characters that says what acts',
    )
  return { actor: { kind: 'host', label }, boundaryIn: async () => UNBOUNDED }
}

/** A principal's authority: what is bound to it, asked anew for every verb. */
export function principalAuthority(
  parts: Pick<Parts, 'vocabulary' | 'compileFresh' | 'clock' | 'storage'>,
  grounds: Grounds,
): Authority {
  const { vocabulary, compileFresh, clock } = parts
  const actor: Actor = grounds.subject

  async function readMine({ roleBindings }: Stores): Promise<CompiledPermissions> {
    const { cell, organization, subject } = grounds
    // Nobody needs to be asked what the host itself vouched for.
    if (cell.askedAt === undefined) return cell.compiled
    const [holding = { subject, bound: [] }] = await roleBindings.heldBy(organization, [subject])
    return readAs(grounds, compileHolding(vocabulary, compileFresh, holding))
  }

  return {
    actor,
    async boundaryIn(organization, stores) {
      const ended = await refuseGrounds(parts, grounds, clock.now())
      if (ended !== undefined) throw invalidToken(ended)
      if (organization !== grounds.organization) throw notFound('organization')
      const mine = await readMine(stores)
      const now = clock.now()
      const { restriction } = grounds
      const held = { mine, restriction, actor, organization, now }
      return createBoundary({ vocabulary, compileFresh, ...held })
    },
  }
}
