import type { Check, VerifierContext } from '@countersign/core/plugin'
import { Rejection } from '@countersign/core/plugin'

/** What a check compared, each as it may stand in an audit trail. */
export type Shown = Pick<Check, 'expected' | 'presented'>

/** The checks of one credential: the first that fails decides, and a rehearsal goes on to the others. */
export interface Checklist {
  /** Notes a check; answers whether to go on to the next. */
  readonly check: (name: string, passed: boolean, reason: string, shown?: () => Shown) => boolean
  /** Notes a check after which nothing else can be asked. */
  readonly stop: (name: string, reason: string, shown?: () => Shown) => Rejection
  /** Why the credential is refused, by the first check that failed. */
  readonly refusal: () => Rejection | undefined
}

/** Creates the list of the checks that one verifier makes of one credential. */
export function createChecklist({
  check: tell,
  rehearsal,
}: Pick<VerifierContext<unknown>, 'check' | 'rehearsal'>): Checklist {
  let refusal: Rejection | undefined

  function check(name: string, passed: boolean, reason: string, shown?: () => Shown): boolean {
    tell({ name, passed, ...((rehearsal || !passed) && shown?.()) })
    if (passed) return true
    refusal ??= new Rejection(reason)
    return rehearsal
  }

  return {
    check,
    stop(name, reason, shown) {
      check(name, false, reason, shown)
      return refusal ?? new Rejection(reason)
    },
    refusal: () => refusal,
  }
}

/** A text that a signature proved, or that a policy holds: as it is, if it is no longer than a line. */
export function plain(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return looksSecret(value) ? kindOf(value) : clip(value)
  if (Array.isArray(value)) return clip(value.slice(0, 8).map(plain).join(', '))
  return kindOf(value)
}

/** What nobody vouches for: a short word of plain letters as it is, of all else only the kind and the size. */
export function unproved(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string' && UNTRUSTED_WORD.test(value)) return plain(value)
  return kindOf(value)
}

/** An instant of a token, as people read it. */
export function instant(value: unknown): string {
  if (typeof value !== 'number' || !(Math.abs(value) < LAST_SECOND)) return kindOf(value)
  return new Date(value * 1000).toISOString()
}

const LAST_SECOND = 8.64e12
const UNTRUSTED_WORD = /^[A-Za-z0-9._:/@+-]{1,160}$/
const LONGEST = 160

function clip(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a log.
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
  return printable.length > LONGEST ? `${printable.slice(0, LONGEST)}…` : printable
}

/** A token, or a long run of letters without a separator: whatever it is, it may open something. */
function looksSecret(text: string): boolean {
  return /^[\w-]{4,}\.[\w-]{4,}\.[\w-]{4,}$/.test(text) || /[A-Za-z0-9+=]{40,}/.test(text)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'absent'
  if (value === null) return 'null'
  if (typeof value === 'string') return `a text of ${value.length} characters`
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
