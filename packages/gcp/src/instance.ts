import type { Checklist, Claims } from '@countersign/evidence'
import { isPlainObject, plain } from '@countersign/evidence'
import type { GcpPolicy } from './policy.ts'

/** What Google says of the instance that a token was made on. */
export interface Instance {
  readonly project: string
  readonly zone: string
  readonly name: string
  readonly id: string
}

/** Reads the instance of a token in full format; nothing where it tells of none, or of half of one. */
export function readInstance(claims: Claims): Instance | undefined {
  const google = claims['google']
  const engine = isPlainObject(google) ? google['compute_engine'] : undefined
  if (!isPlainObject(engine)) return undefined
  const { project_id: project, zone, instance_name: name, instance_id: id } = engine
  return isName(project) && isName(zone) && isName(name) && isName(id)
    ? { project, zone, name, id }
    : undefined
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Checks the instance against a policy; whoever tells of none is none of those that are named. */
export function checkInstance(
  instance: Instance | undefined,
  { projects, zones, instances }: GcpPolicy,
  list: Checklist,
): void {
  const within = (
    name: string,
    allowed: readonly string[] | undefined,
    value: string | undefined,
  ): boolean =>
    allowed === undefined ||
    list.check(
      name,
      value !== undefined && allowed.includes(value),
      value === undefined ? 'no_instance' : `${name}_not_allowed`,
      () => ({
        expected: plain(allowed),
        presented: value ?? 'a token without an instance: ask for format=full',
      }),
    )
  void (
    within('project', projects, instance?.project) &&
    within('zone', zones, instance?.zone) &&
    within('instance', instances, instance?.name)
  )
}
