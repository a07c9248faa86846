/** A source of numbers below 1. */
export type Next = () => number

/** A dotted quad. */
export function randomQuad(next: Next): string {
  return Array.from({ length: 4 }, () => Math.floor(next() * 256)).join('.')
}

/** Few different groups, so that networks nest and runs of zeros meet. */
export function randomIpv6(next: Next): string {
  const groups = Array.from({ length: 8 }, () =>
    next() < 0.5 ? '0' : Math.floor(next() ** 3 * 65_536).toString(16),
  )
  if (groups[0] === '0') groups[0] = '2001'
  return groups.join(':')
}

/** An address of either family, in a spelling that every reader knows. */
export function randomPlain(next: Next): string {
  return next() < 0.5 ? randomQuad(next) : randomIpv6(next)
}

/** An address in any spelling. */
export function randomAddress(next: Next): string {
  const text = randomPlain(next)
  if (next() < 0.3) return text.replace(/(?:^|:)0(?::0)+(?:$|:)/, '::')
  if (next() < 0.1) return `::${randomQuad(next)}`
  return next() < 0.1 ? `::ffff:${randomQuad(next)}` : text
}

/** A network whose host bits may be set. */
export function randomNetwork(next: Next): { address: string; prefix: number; family: 4 | 6 } {
  const address = next() < 0.5 ? randomQuad(next) : randomIpv6(next)
  const family = address.includes(':') ? 6 : 4
  return { address, prefix: Math.floor(next() * (family === 4 ? 33 : 129)), family }
}

/** The text with up to three characters changed. */
export function mutate(text: string, next: Next): string {
  let mutated = text
  const changes = Math.floor(next() * 4)
  for (let change = 0; change < changes; change += 1) {
    const at = Math.floor(next() * (mutated.length + 1))
    const removed = Math.floor(next() * 2)
    const added = next() < 0.7 ? '0123456789abcdefF:.:. /xg['.charAt(Math.floor(next() * 26)) : ''
    mutated = mutated.slice(0, at) + added + mutated.slice(at + removed)
  }
  return mutated
}
