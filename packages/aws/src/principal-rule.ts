import type { SchemaOf } from '@countersign/core/plugin'
import { compileGlob, refuseGlob } from '@countersign/core/plugin'
import { CLAIM_SEPARATORS, chosen, isPlainObject, objectOf, text } from '@countersign/evidence'
import type { AwsPartition } from './partitions.ts'
import { AWS_PARTITIONS } from './partitions.ts'

/**
 * The ARN of a user or a role, exact or as a glob whose stars cross neither `:` nor `/`. Partition, account and kind are
 * never patterns. `assumed-role/NAME/*` means the role; a session is never named, because its caller chooses it.
 */
export type PrincipalRule = string | { readonly glob: string }

/** A rule that was understood. */
export interface CompiledRule {
  readonly partition: AwsPartition
  readonly matches: (principalArn: string) => boolean
}

const ARN =
  /^arn:([a-z-]{3,16}):(iam|sts)::(\d{12}):(user|role|assumed-role)\/([\w+=,.@*?/-]{1,600})$/

/** The schema of one rule. */
export const principalRule: SchemaOf<PrincipalRule> = chosen((input) =>
  isPlainObject(input)
    ? (objectOf({ glob: text(1024, refuseGlobRule) }) as SchemaOf<PrincipalRule>)
    : text(1024, refuseRule),
)

/** Compiles a rule that the schema accepted. */
export function compileRule(rule: PrincipalRule): CompiledRule {
  const read = readArn(typeof rule === 'string' ? rule : rule.glob)
  if (read === undefined) throw new TypeError('It is no rule about principals')
  const { partition, arn } = read
  if (typeof rule === 'string')
    return { partition, matches: (principalArn) => principalArn === arn }
  const glob = compileGlob(arn, CLAIM_SEPARATORS)
  return { partition, matches: (principalArn) => glob.matches(principalArn) }
}

function refuseRule(rule: string): string | undefined {
  const body = rule.replace(/^(arn:[^:]*:sts::[^:]*:assumed-role\/[^/]*)\/\*$/, '$1')
  return /[*?]/.test(body)
    ? 'must be an exact ARN; a pattern is written as { glob }'
    : refuseArn(rule)
}

function refuseGlobRule(glob: string): string | undefined {
  return refuseGlob(glob) ?? refuseArn(glob)
}

function refuseArn(rule: string): string | undefined {
  const [, name, service, , kind = '', rest = ''] = ARN.exec(rule) ?? []
  if (!AWS_PARTITIONS.some((known) => known === name))
    return 'must be the ARN of a user or a role, with its partition and its account of 12 digits; a whole account goes to accounts'
  if ((kind === 'assumed-role') !== (service === 'sts'))
    return 'must be of sts for an assumed role, and of iam for all else'
  if (rest.startsWith('/') || rest.endsWith('/') || rest.includes('//'))
    return 'must not have an empty part'
  if (kind === 'assumed-role')
    return /^[^/]+(?:\/\*)?$/.test(rest)
      ? undefined
      : 'must not name a session: whoever may assume a role chooses it'
  if (rest.includes('**')) return 'must not have ** : a star stays within its part'
  if (kind === 'role' && rest.includes('/') && /[*?]/.test(rest))
    return 'must not have the path of a role in a pattern: AWS does not tell it'
  return undefined
}

/** A role as AWS tells of it: without its path, which its name needs not to be one of a kind in its account. */
function readArn(
  rule: string,
): { readonly partition: AwsPartition; readonly arn: string } | undefined {
  const [, name = '', , account = '', kind = '', rest = ''] = ARN.exec(rule) ?? []
  const partition = AWS_PARTITIONS.find((known) => known === name)
  if (partition === undefined) return undefined
  const start = `arn:${partition}:iam::${account}`
  if (kind === 'user') return { partition, arn: `${start}:user/${rest}` }
  const role = kind === 'role' ? rest.split('/').at(-1) : rest.split('/')[0]
  return { partition, arn: `${start}:role/${role}` }
}
