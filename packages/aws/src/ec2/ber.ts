/** One element of BER (X.690), with its content apart. */
export interface Element {
  /** The identifier octet: class, form and number, which is below 31. */
  readonly tag: number
  /** Its content octets; of an indefinite length, without their end. */
  readonly content: Uint8Array
  /** Everything from the tag on, as it was read. */
  readonly whole: Uint8Array
}

/** What a document of ours has at most: it is read without recursion beyond this. */
const DEEPEST = 16

/** Thrown for bytes that are no BER: nobody outside of the reader sees it. */
export class Unreadable extends Error {}

/** Reads exactly one element, and nothing behind it. */
export function readElement(bytes: Uint8Array): Element {
  const { element, next } = elementAt(bytes, 0, 0)
  if (next !== bytes.length) throw new Unreadable('More follows')
  return element
}

/** Reads the elements that a constructed one holds. */
export function readChildren({ tag, content }: Element): readonly Element[] {
  if ((tag & CONSTRUCTED) === 0) throw new Unreadable('It holds no elements')
  const children: Element[] = []
  for (let at = 0; at < content.length; ) {
    const { element, next } = elementAt(content, at, 0)
    children.push(element)
    at = next
  }
  return children
}

/** Reads an octet string, which BER may cut into parts (X.690, 8.7). */
export function readOctets({ tag, content, ...rest }: Element): Uint8Array {
  if (tag === OCTETS) return content
  if (tag !== (OCTETS | CONSTRUCTED)) throw new Unreadable('No octet string')
  const parts = readChildren({ tag, content, ...rest })
  if (!parts.every((part) => part.tag === OCTETS)) throw new Unreadable('No octet string')
  return Uint8Array.from(parts.flatMap((part) => [...part.content]))
}

const CONSTRUCTED = 0x20
const OCTETS = 0x04

interface Read {
  readonly element: Element
  readonly next: number
}

function elementAt(bytes: Uint8Array, start: number, depth: number): Read {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined || depth > DEEPEST || (tag & 0x1f) === 0x1f)
    throw new Unreadable('No element')
  if (first === 0x80) return indefiniteAt(bytes, start, depth)
  const { length, from } = lengthAt(bytes, start + 1, first)
  const next = from + length
  if (next > bytes.length) throw new Unreadable('It ends too early')
  const element = { tag, content: bytes.subarray(from, next), whole: bytes.subarray(start, next) }
  return { element, next }
}

function lengthAt(bytes: Uint8Array, at: number, first: number) {
  if (first < 0x80) return { length: first, from: at + 1 }
  const size = first & 0x7f
  const octets = bytes.subarray(at + 1, at + 1 + size)
  if (size > 3 || octets.length < size) throw new Unreadable('A length of another size')
  return { length: octets.reduce((sum, octet) => sum * 256 + octet, 0), from: at + 1 + size }
}

/** X.690, 8.1.3.6: elements until one of tag 0 and length 0. */
function indefiniteAt(bytes: Uint8Array, start: number, depth: number): Read {
  const tag = bytes[start] ?? 0
  if ((tag & CONSTRUCTED) === 0) throw new Unreadable('A length without an end')
  let at = start + 2
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) at = elementAt(bytes, at, depth + 1).next
  const element = {
    tag,
    content: bytes.subarray(start + 2, at),
    whole: bytes.subarray(start, at + 2),
  }
  return { element, next: at + 2 }
}
