import type { Event } from '../plugin.ts'

/**
 * Writes an event as one line of JSON, without the line's end. Whatever breaks lines, controls a terminal or is invisible
 * is escaped, so that nothing in an event can look like another one.
 */
export function toLine(event: Event): string {
  return JSON.stringify(event).replace(UNSHOWABLE, toEscape)
}

const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Noncharacter_Code_Point}]/gu

/** In UTF-16, as JSON escapes are. */
function toEscape(character: string): string {
  return Array.from({ length: character.length }, (_, place) => {
    const code = character.charCodeAt(place).toString(16).padStart(4, '0')
    return `\\u${code}`
  }).join('')
}

/** Writes events as lines of JSON, each with its end. */
export function toLines(events: readonly Event[]): string {
  return events.map((event) => `${toLine(event)}\n`).join('')
}
