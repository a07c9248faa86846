import fc from 'fast-check'
import { assemble, SMALL_MEMORY } from '../../src/assemble.ts'
import { accessTo } from '../../src/engine/manage/access.ts'
import type { Authority } from '../../src/engine/manage/authority.ts'
import { hostAuthority, principalAuthority } from '../../src/engine/manage/authority.ts'
import type { Management } from '../../src/engine/manage/management.ts'
import { createHostManagement, createManagement } from '../../src/engine/manage/management.ts'
import type { Parts } from '../../src/engine/parts.ts'
import { parseSettings } from '../../src/input/options.ts'
import { memoryStorage } from '../../src/memory/memory-storage.ts'
import type { RoleBinding, Subject } from '../../src/model/role-binding.ts'
import type { Rule } from '../../src/model/rule.ts'
import { seededBytes } from '../lib/random.ts'
import type { Bound, Holder } from '../permission/naive.ts'
import { resources } from '../permission/naive.ts'
import { holders, rules } from '../permission/universe.ts'
import { createHandClock, START } from './clock.ts'
import { ISSUER, ROOT_KEY } from './engine.ts'
import { createHandRuntime } from './runtime.ts'

const organization = 'acme'

/** Somebody in a small world: its own rules, and whether it also holds the one stored role. */
export interface Settler {
  readonly bound: readonly Bound[]
  readonly hasRole: boolean
  readonly team?: string
  readonly disabled: boolean
}

/** One change that an actor asks for; the numbers say of whom, or which. */
export type Change =
  | { readonly kind: 'bind'; readonly of: number; readonly bound: Bound }
  | { readonly kind: 'pass on'; readonly of: number; readonly which: number }
  | { readonly kind: 'bind role' | 'metadata'; readonly of: number; readonly team: string }
  | { readonly kind: 'unbind'; readonly which: number }
  | { readonly kind: 'edit role'; readonly rules: readonly Rule[] }
  | { readonly kind: 'delete role' }
  | { readonly kind: 'delete project'; readonly of: number }

/** A small world: an actor that may ask for anything, three others, and one stored role. */
export interface Plan {
  readonly isVouched: boolean
  readonly actor: Settler
  readonly others: readonly Settler[]
  readonly role: readonly Rule[]
  readonly changes: readonly Change[]
}

/** What every actor holds, so that permissions alone refuse nothing. */
const MANAGING: Bound = {
  scope: { organization },
  rules: [{ allow: ['identity:*', 'role:*', 'binding:*', 'project:*'] }],
}

const team = fc.constantFrom('prod', 'dev', '/a')

/** The universe has a second organization, which nobody here can reach, and windows that no caller could ask for. */
function toBound({ scope, from, until, rules: said }: Bound): Bound {
  const ends = until !== undefined && until > Math.max(0, from ?? 0)
  return {
    scope: { ...scope, organization },
    rules: said,
    ...(from !== undefined && { from }),
    ...(ends && { until }),
  }
}

const bounds = holders().map(({ bound }) => bound.map(toBound).filter(isOfProjects))

/** Rules about the organization cannot be bound in a project. */
function isOfProjects({ scope, rules: said }: Bound): boolean {
  return scope.project === undefined || !JSON.stringify(said).includes('invoice')
}

const settler = (sleeps: boolean): fc.Arbitrary<Settler> =>
  fc.record(
    {
      bound: bounds,
      hasRole: fc.boolean(),
      disabled: sleeps ? fc.boolean() : fc.constant(false),
      team,
    },
    { requiredKeys: ['bound', 'hasRole', 'disabled'] },
  )

const of = fc.nat(2)
const which = fc.nat(12)
const written = fc.array(rules(true), { maxLength: 3 })

const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(of, bounds)
    .filter(([, [bound]]) => bound !== undefined)
    .map(([whose, [bound = MANAGING]]): Change => ({ kind: 'bind', of: whose, bound })),
  fc.record({ kind: fc.constant('pass on' as const), of, which }),
  fc.record({ kind: fc.constantFrom('bind role' as const, 'metadata' as const), of, team }),
  fc.record({ kind: fc.constant('unbind' as const), which }),
  fc.record({ kind: fc.constant('unbind' as const), which }),
  fc.record({ kind: fc.constant('edit role' as const), rules: written }),
  fc.constant<Change>({ kind: 'delete role' }),
  fc.record({ kind: fc.constant('delete project' as const), of }),
)

/** Plans of small worlds. The actor often holds a wildcard, or nothing it asked for would come true. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  isVouched: fc.boolean(),
  actor: fc.tuple(settler(false), fc.boolean()).map(([{ bound, ...rest }, isBroad]) => ({
    ...rest,
    bound: isBroad ? [...bound, { scope: { organization }, rules: BROAD }] : bound,
  })),
  others: fc.tuple(settler(true), settler(true), settler(false)),
  role: written,
  changes: fc.array(change, { minLength: 1, maxLength: 6 }),
})

const BROAD: readonly Rule[] = [{ allow: ['secret:*'] }]

/** Puts something false in the place of an authority. */
export type Sabotage = (authority: Authority, parts: Parts) => Authority

/** A world in which somebody acts. */
export interface SmallWorld {
  readonly manage: Management
  /** What everybody holds by now, by the letter of the records; the actor comes first. */
  survey(): Promise<readonly Holder[]>
  /** Asks for a change; answers whether it came true. */
  ask(change: Change): Promise<boolean>
}

/** Builds a world by its plan, on an authority that may be sabotaged. */
export async function aSmallWorld(
  plan: Plan,
  sabotage: Sabotage = (it) => it,
): Promise<SmallWorld> {
  const clock = createHandClock()
  const options = { issuer: ISSUER, rootKeys: [ROOT_KEY], resources }
  const storage = memoryStorage({ clock: clock.now })
  const wired = { ...options, storage }
  // Ids of one instant are told apart by chance; by a seed, a plan can be run again.
  const runtime = { ...createHandRuntime(clock.now), random: seededBytes(1) }
  const parts = assemble(runtime, parseSettings(wired), wired, SMALL_MEMORY)
  const access = accessTo(parts.storage)
  const host = createHostManagement({ parts, access, authority: hostAuthority('plan') })
  await host.organizations.create({ id: organization, name: organization })
  for (const id of PROJECTS) await host.projects.create({ organization, id, name: id })
  const named = { organization, slug: 'shared', name: 'Shared' }
  const role = await host.roles.create({ ...named, rules: plan.role })

  async function settle({ bound, hasRole }: Settler, subject: Subject): Promise<void> {
    for (const one of bound) await host.roleBindings.create(toInput(subject, one))
    const wanted = { organization, subject: toNamed(subject), role: role.id }
    if (hasRole) await host.roleBindings.create(wanted)
  }

  const subjects: Subject[] = [{ kind: 'user', id: 'actor' }]
  const [first, second, last] = plan.others
  for (const other of [first, second]) {
    const { team: known } = other ?? {}
    const metadata = known === undefined ? {} : { team: known }
    const { identity } = await host.identities.create({ organization, name: 'x', metadata })
    subjects.push({ kind: 'identity', id: identity.id })
    if (other !== undefined) await settle(other, { kind: 'identity', id: identity.id })
    const key = { organization, id: identity.id }
    if (other?.disabled === true) await host.identities.update({ ...key, disabled: true })
  }
  subjects.push({ kind: 'user', id: 'other' })
  if (last !== undefined) await settle(last, { kind: 'user', id: 'other' })
  const own = [...plan.actor.bound, MANAGING]
  if (!plan.isVouched) await settle({ ...plan.actor, bound: own }, { kind: 'user', id: 'actor' })
  const claim = { user: 'actor', organization }
  const bindings = plan.isVouched ? own.map(toVouched) : ('stored' as const)
  const principal = await parts.principals.vouchFor({ ...claim, bindings })
  const authority = principalAuthority(parts, parts.principals.groundsOf(principal))
  const manage = createManagement({ parts, access, authority: sabotage(authority, parts) })

  async function holderOf(subject: Subject): Promise<Holder> {
    const query = { organization, subject: toNamed(subject) }
    const { items } = await host.roleBindings.list(query)
    const bound: Bound[] = []
    for (const item of items as readonly RoleBinding[]) {
      const stored = item.role === undefined ? undefined : await rulesOf(item.role)
      bound.push(fromRecord(item, stored ?? item.rules ?? []))
    }
    const known = subject.kind === 'identity' ? await metadataOf(subject.id) : {}
    const references = Object.entries(known).map(([key, value]) => [
      `identity.metadata.${key}`,
      value,
    ])
    return { bound, references: Object.fromEntries(references) }
  }

  async function rulesOf(id: string): Promise<readonly Rule[]> {
    if (id === 'no-access') return []
    return (await host.roles.get({ organization, id })).rules
  }

  async function metadataOf(id: string): Promise<Readonly<Record<string, string>>> {
    return (await host.identities.get({ organization, id })).metadata
  }

  async function deed(wanted: Change): Promise<unknown> {
    const all = (await host.roleBindings.list({ organization })).items
    const subject = 'of' in wanted ? (subjects[wanted.of + 1] as Subject) : undefined
    const target = toNamed(subject ?? { kind: 'user', id: '' })
    switch (wanted.kind) {
      case 'bind':
        return manage.roleBindings.create(toInput(subject as Subject, wanted.bound))
      case 'pass on': {
        const passed = own[wanted.which % own.length] ?? MANAGING
        return manage.roleBindings.create(toInput(subject as Subject, passed))
      }
      case 'bind role':
        return manage.roleBindings.create({ organization, subject: target, role: role.id })
      case 'metadata': {
        const metadata = { team: wanted.team }
        return manage.identities.update({ organization, id: target.identity ?? '', metadata })
      }
      case 'unbind':
        return manage.roleBindings.delete({ organization, id: all[wanted.which]?.id ?? '' })
      case 'edit role':
        return manage.roles.update({ organization, id: role.id, rules: wanted.rules })
      case 'delete role':
        return manage.roles.delete({ organization, id: role.id, unbind: true })
      case 'delete project':
        return manage.projects.delete({ organization, id: PROJECTS[wanted.of] ?? '' })
    }
  }

  return {
    manage,
    survey: async () => {
      const all = await Promise.all(subjects.map(holderOf))
      return plan.isVouched ? [{ bound: own, references: {} }, ...all.slice(1)] : all
    },
    ask: (wanted) =>
      deed(wanted).then(
        () => true,
        () => false,
      ),
  }
}

const PROJECTS = ['one', 'two', 'three']

type Named =
  | { readonly identity: string; readonly user?: never }
  | { readonly user: string; readonly identity?: never }

function toNamed({ kind, id }: Subject): Named {
  return kind === 'identity' ? { identity: id } : { user: id }
}

const toInstant = (at: number): Date => new Date(START.getTime() + at)

function toVouched({ scope, from, until, rules: said }: Bound) {
  return {
    rules: said,
    ...(scope.project !== undefined && { project: scope.project }),
    ...(from !== undefined && { from: toInstant(from) }),
    ...(until !== undefined && { until: toInstant(until) }),
  }
}

function toInput(subject: Subject, bound: Bound) {
  return { organization, subject: toNamed(subject), ...toVouched(bound) }
}

function fromRecord({ project, from, until }: RoleBinding, said: readonly Rule[]): Bound {
  return {
    scope: { organization, ...(project !== undefined && { project }) },
    rules: said,
    ...(from !== undefined && { from: from.getTime() - START.getTime() }),
    ...(until !== undefined && { until: until.getTime() - START.getTime() }),
  }
}
