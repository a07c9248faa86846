import { escapeFilter, FilterParser } from 'ldapts'

/** What a template may ask for. */
export type Placeholders = Readonly<Record<string, string>>

/** Fills a filter; each value is escaped (RFC 4515), so that it stays one value. */
export function fillFilter(template: string, values: Placeholders): string {
  return fill(template, values, (value) => escapeFilter`${value}`)
}

/** Fills a DN; each value is escaped (RFC 4514), so that it stays one value of one attribute. */
export function fillDn(template: string, values: Placeholders): string {
  return fill(template, values, escapeDn)
}

/** Says why a filter is no template for these names, one of which it must have. */
export function refuseFilter(template: string, names: readonly string[]): string | undefined {
  return (
    refusePlaceholders(template, names, '(') ??
    (parses(template, names) ? undefined : 'must be a filter (RFC 4515) in parentheses')
  )
}

/** Says why a text is no template of a DN. */
export function refuseDn(template: string): string | undefined {
  const problem = refusePlaceholders(template, ['username'], ',+')
  if (problem !== undefined) return problem
  return DN.test(template.replace(PLACEHOLDER, 'x')) ? undefined : 'must be a DN (RFC 4514)'
}

const PLACEHOLDER = /\{\{([A-Za-z]+)\}\}/g
const PART = '[A-Za-z][A-Za-z0-9-]*=[^,+="<>;\\\\]+'
const DN = new RegExp(`^${PART}(?:[,+] ?${PART})*$`)

function fill(template: string, values: Placeholders, inForm: (value: string) => string): string {
  return template.replace(PLACEHOLDER, (_all, name: string) => inForm(values[name] ?? ''))
}

/** Every byte that is more than a plain letter is written as a pair of hexadecimal digits. */
function escapeDn(value: string): string {
  return value.replace(/[^\p{L}\p{N}._@-]/gu, (character) =>
    Array.from(new TextEncoder().encode(character), toPair).join(''),
  )
}

function toPair(byte: number): string {
  return `\\${byte.toString(16).padStart(2, '0')}`
}

/** A value may stand behind an equals sign only: what a user says never names an attribute. */
function refusePlaceholders(
  template: string,
  names: readonly string[],
  starts: string,
): string | undefined {
  const found = [...template.matchAll(PLACEHOLDER)]
  if (found.length === 0) return `must have {{${names.join('}} or {{')}}}`
  const unknown = found.some(([, name = '']) => !names.includes(name))
  if (unknown || /[{}]/.test(template.replace(PLACEHOLDER, '')))
    return `must have no placeholder but {{${names.join('}} and {{')}}}`
  const astray = found.some(({ index }) => !isBehindEquals(template.slice(0, index), starts))
  return astray ? 'must have placeholders behind an equals sign only' : undefined
}

function isBehindEquals(before: string, starts: string): boolean {
  const from = Math.max(...Array.from(starts, (start) => before.lastIndexOf(start)))
  return before.slice(from + 1).includes('=')
}

function parses(template: string, names: readonly string[]): boolean {
  if (!/^\(.*\)$/s.test(template)) return false
  try {
    const filled = fillFilter(template, Object.fromEntries(names.map((name) => [name, 'x'])))
    FilterParser.parseString(filled)
    return true
  } catch {
    return false
  }
}
