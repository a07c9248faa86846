import { isCountersignError } from '../../errors.ts'
import { parse } from '../../input/parse.ts'
import type { SchemaOf } from '../../lib/schema.ts'
import type { Actor } from '../../model/actor.ts'
import type { Event, EventDraft } from '../../model/event.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { Scope } from '../../model/scope.ts'
import { inScope } from '../../model/scope.ts'
import type { Stores } from '../../ports/storage.ts'
import type { Parts } from '../parts.ts'
import type { Access } from './access.ts'
import type { Authority } from './authority.ts'
import type { Boundary } from './boundary.ts'
import type { ManagementPermission } from './management-permission.ts'

/** What a command works with: the engine's parts, stores that change as one, and on whose word it acts. */
export interface Desk extends Omit<Parts, 'storage'> {
  readonly storage: Stores
  readonly actor: Actor
  readonly boundary: Boundary
  /** Makes the event of a change by this actor. */
  readonly note: (draft: Omit<EventDraft, 'actor'>) => Event
}

/**
 * One verb of the management surface as data: what it takes, what it demands where, whom it is about, and what it does.
 *
 * `run` may run again after a conflict, so it does nothing but read and write stores.
 */
export interface Command<Input, Output> {
  readonly input: SchemaOf<Input>
  readonly permission: ManagementPermission
  /** Enough as well, where its target is an identity. */
  readonly forIdentities?: ManagementPermission
  /** Where it is demanded, as the caller says it; where nothing is said, where the thing or its target is at home. */
  readonly scopeOf?: (input: Input) => Scope
  /** Where the thing is at home that the caller names by its id alone. */
  readonly homeOf?: (input: Input, stores: Stores) => Promise<Scope>
  /** Whom it is about: who holds more than the actor is out of its reach. */
  readonly targetOf?: (
    input: Input,
    stores: Stores,
  ) => Subject | undefined | Promise<Subject | undefined>
  /** Whether everybody may do it to itself, whatever it holds; without it nobody may. */
  readonly onOneself?: true
  /** Whether it changes no record although its permission is about changes: it takes no transaction then. */
  readonly reads?: true
  /** Asks the world whether it can work: judged as the command is, before its transaction, and nothing is written. */
  readonly probe?: (desk: Desk, input: Input) => Promise<void>
  readonly run: (desk: Desk, input: Input) => Promise<Output>
}

/** The commands behind a surface: one for each of its verbs. */
export type CommandsOf<Surface> = {
  readonly [Verb in keyof Surface]: Surface[Verb] extends (
    input: infer Input,
  ) => Promise<infer Output>
    ? Command<NonNullable<Input>, Output>
    : never
}

/** Who performs commands, and how they reach the stores. */
export interface Performer {
  readonly parts: Parts
  readonly authority: Authority
  readonly access: Access
}

/** Performs commands on one authority's word: parse, permission, boundary, then the deed, in one transaction. */
export function perform<Surface>(performer: Performer, commands: CommandsOf<Surface>): Surface {
  const { parts, authority, access } = performer
  const { actor } = authority
  const note: Desk['note'] = (draft) => parts.stamp({ ...draft, actor })

  function verbOf(command: Command<unknown, unknown>) {
    return async (said: unknown = {}): Promise<unknown> => {
      const wanted = parse(command.input, said)
      const organization = organizationOf(wanted)
      if (actor.kind === 'identity' || actor.kind === 'user')
        await parts.rateLimits.admitManagement(organization ?? '', actor)
      const judged = (run: Command<unknown, unknown>['run']) => async (stores: Stores) => {
        const boundary = await authority.boundaryIn(organization, stores)
        const desk: Desk = { ...parts, storage: stores, actor, boundary, note }
        if (boundary.isBounded) await judge(command, desk, { organization, wanted })
        return run(desk, wanted)
      }
      const deed = judged(command.run)
      try {
        if (command.probe !== undefined) await access.read(judged(command.probe))
        return await (isRead(command) ? access.read(deed) : access.write(organization, deed))
      } catch (error) {
        await noteDenial(performer, organization, error)
        throw error
      }
    }
  }

  const verbs = Object.entries(commands as Record<string, Command<unknown, unknown>>)
  return Object.freeze(
    Object.fromEntries(verbs.map(([verb, command]) => [verb, verbOf(command)])),
  ) as Surface
}

interface Asked {
  readonly organization: string | undefined
  readonly wanted: unknown
}

/** Permission first, then the boundary: what is refused has read nothing that it shows. */
async function judge(
  command: Command<unknown, unknown>,
  { storage, boundary }: Desk,
  { organization = '', wanted }: Asked,
): Promise<void> {
  const subject = await command.targetOf?.(wanted, storage)
  if (subject !== undefined && boundary.isOneself(subject)) {
    if (command.onOneself === true) return boundary.permitOnOneself(command.permission)
    boundary.refuseOneself()
  }
  const [target] =
    subject === undefined ? [] : await storage.roleBindings.heldBy(organization, [subject])
  const said = command.scopeOf?.(wanted)
  const home = said ?? (await command.homeOf?.(wanted, storage))
  const scope = home ?? inScope({ organization, project: target?.identity?.project })
  const { permission, forIdentities } = command
  const alternative = subject?.kind === 'identity' ? forIdentities : undefined
  const permissions = alternative === undefined ? [permission] : [permission, alternative]
  boundary.permit(permissions, scope, said ?? { organization })
  if (target !== undefined) boundary.assertCovers(target)
}

function isRead({ permission, reads }: Command<unknown, unknown>): boolean {
  return reads === true || permission.endsWith(':read')
}

/** Every input names its organization by that word, but for the commands about organizations themselves. */
function organizationOf(wanted: unknown): string | undefined {
  if (typeof wanted !== 'object' || wanted === null) return undefined
  const { organization } = wanted as { readonly organization?: unknown }
  return typeof organization === 'string' ? organization : undefined
}

/** Notes who was refused what, within the budget of refusals. */
async function noteDenial(
  { parts, authority: { actor } }: Performer,
  organization: string | undefined,
  error: unknown,
): Promise<void> {
  if (organization === undefined || !isCountersignError(error)) return
  if (error.code !== 'permission_denied' || !('id' in actor)) return
  const { details: { refusal, permission } = {}, reason } = error
  const draft: EventDraft = {
    type: 'permission.denied',
    organization,
    actor,
    target: { kind: 'organization', id: organization },
    ...(reason !== undefined && { reason }),
    details: { refusal: `${refusal}`, permission: `${permission}` },
  }
  // Nobody's budget pays for another one, not even for a user with the id of an identity.
  const party = actor.kind === 'identity' ? actor.id : `user ${actor.id}`
  const events = parts.refusals.record(draft, party, `management of ${party}`)
  if (events.length > 0) await parts.storage.outbox.append(events)
}
