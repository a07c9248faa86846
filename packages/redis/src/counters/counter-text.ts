import type { LockoutClass, LockoutCounter, LockoutKey } from '@countersign/core/plugin'
import { joinWithLengths } from '@countersign/core/plugin'

/** Names one counter among those of its identity. */
export function toField({ method, class: name }: Pick<LockoutKey, 'method' | 'class'>): string {
  return joinWithLengths([method, name])
}

/** Reads a name back that `toField` wrote; undefined for what it never writes. */
export function fromField(field: string): Pick<LockoutKey, 'method' | 'class'> | undefined {
  const [method, rest] = takeText(field) ?? []
  const [name, end] = takeText(rest ?? '') ?? []
  if (method === undefined || name === undefined || end !== '') return undefined
  return { method, class: name as LockoutClass }
}

/** Reads a counter that a script stored; undefined for whatever else may stand there. */
export function fromCounterText(stored: string): LockoutCounter | undefined {
  const [, failures, locked, expiresAt] = /^(\d+):([01]):(\d+)$/.exec(stored) ?? []
  if (failures === undefined) return undefined
  return {
    failures: Number(failures),
    locked: locked === '1',
    expiresAt: new Date(Number(expiresAt)),
  }
}

function takeText(joined: string): readonly [text: string, rest: string] | undefined {
  const [prefix, length] = /^(\d+):/.exec(joined) ?? []
  if (prefix === undefined) return undefined
  const end = prefix.length + Number(length)
  return end > joined.length ? undefined : [joined.slice(prefix.length, end), joined.slice(end)]
}
