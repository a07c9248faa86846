/**
 * Writes a value in the one form of RFC 8785 (JCS), so that equal values have equal digests.
 *
 * Members that are `undefined` are left out and `toJSON` is honoured; anything else that JSON does not have is a
 * `TypeError`: a lone surrogate, a number that is not finite, a bigint, a function, a class instance, a hole, a cycle.
 */
export function toCanonicalJson(value: unknown): string {
  return write(value, '', 0)
}

/** Deeper than any record, and shallower than any stack. */
const MAX_DEPTH = 256

const LONE_SURROGATE = /\p{Surrogate}/u

function write(given: unknown, key: string, depth: number): string {
  const value = withToJson(given, key)
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return writeText(value)
    case 'number':
      return writeNumber(value)
    case 'boolean':
      return String(value)
    case 'object':
      if (depth === MAX_DEPTH) throw new TypeError('The value is nested too deeply for JSON')
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1)
    default:
      throw new TypeError(`A value of type ${typeof value} has no form in JSON`)
  }
}

function withToJson(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value
  if (value instanceof Date && Number.isNaN(value.getTime()))
    throw new TypeError('An invalid date has no form in JSON')
  return typeof value.toJSON === 'function' ? value.toJSON(key) : value
}

function writeText(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new TypeError('A lone surrogate has no form in JSON')
  return JSON.stringify(text)
}

/** RFC 8785, 3.2.2.3: numbers are written as ECMAScript writes them, and -0 is 0. */
function writeNumber(number: number): string {
  if (!Number.isFinite(number))
    throw new TypeError('A number that is not finite has no form in JSON')
  return String(number)
}

function writeArray(items: readonly unknown[], depth: number): string {
  return `[${Array.from(items, (item, index) => write(item, String(index), depth)).join(',')}]`
}

function writeObject(record: object, depth: number): string {
  assertPlain(record)
  const members: string[] = []
  // RFC 8785, 3.2.3: names are sorted by UTF-16 code units, which is the order of sort().
  for (const name of Object.keys(record).sort()) {
    const value = record[name]
    if (value !== undefined) members.push(`${writeText(name)}:${write(value, name, depth)}`)
  }
  return `{${members.join(',')}}`
}

/** By shape rather than by identity: a plain object of another realm has another `Object.prototype`. */
function assertPlain(value: object): asserts value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return
  throw new TypeError('An instance of a class has no form in JSON')
}
