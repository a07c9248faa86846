import { parse } from '../input/parse.ts'
import type { SchemaOf } from '../lib/schema.ts'
import type { Actor } from '../model/actor.ts'
import type { Event, EventDraft } from '../model/event.ts'
import type { Scope } from '../model/scope.ts'
import type { Authority, ManagementPermission } from './authority.ts'
import type { Parts } from './parts.ts'

/** What a command works with: the engine's parts, and on whose word it acts. */
export interface Desk extends Parts {
  readonly actor: Actor
  /** Makes the event of a change by this actor. */
  readonly note: (draft: Omit<EventDraft, 'actor'>) => Event
}

/** One verb of the management surface as data: what it takes, what it demands where, and what it does. */
export interface Command<Input, Output> {
  readonly input: SchemaOf<Input>
  readonly permission: ManagementPermission
  readonly scopeOf: (input: Input) => Scope
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

/** Performs commands on one authority's word: parse, then permission, then the deed. */
export function perform<Surface>(
  parts: Parts,
  { actor, permit }: Authority,
  commands: CommandsOf<Surface>,
): Surface {
  const desk: Desk = { ...parts, actor, note: (draft) => parts.stamp({ ...draft, actor }) }

  function verbOf({ input, permission, scopeOf, run }: Command<unknown, unknown>) {
    return async (said: unknown = {}): Promise<unknown> => {
      const wanted = parse(input, said)
      permit(permission, scopeOf(wanted))
      return run(desk, wanted)
    }
  }

  const verbs = Object.entries(commands as Record<string, Command<unknown, unknown>>)
  return Object.freeze(
    Object.fromEntries(verbs.map(([verb, command]) => [verb, verbOf(command)])),
  ) as Surface
}

/** The scope of what belongs to an organization as a whole. */
export function inOrganization({ organization }: { readonly organization: string }): Scope {
  return { organization }
}
