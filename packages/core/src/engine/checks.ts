import type { Check } from '../ports/verifier.ts'

/** What the checks of one attempt came to. */
export interface CheckLog {
  readonly note: (check: Check) => void
  readonly notice: (word: string) => void
  readonly all: () => readonly Check[]
  /** What an event says of them: the first check that failed, and what an operator should hear of. */
  readonly details: () => Readonly<Record<string, string>>
}

/** Creates an empty log. A plug-in fills it, so it is bounded, and holds no control characters. */
export function createCheckLog(): CheckLog {
  const checks: Check[] = []
  const notices = new Set<string>()

  return {
    note({ name, passed, expected, presented }) {
      if (checks.length >= MOST_CHECKS) return
      checks.push({
        name: printable(name),
        passed: passed === true,
        ...(expected !== undefined && { expected: printable(expected) }),
        ...(presented !== undefined && { presented: printable(presented) }),
      })
    },
    notice(word) {
      if (notices.size < MOST_NOTICES && WORD.test(word)) notices.add(word)
    },
    all: () => [...checks],
    details() {
      const failed = checks.find(({ passed }) => !passed)
      const { name: check, expected, presented } = failed ?? {}
      return {
        ...(check !== undefined && { check }),
        ...(expected !== undefined && { expected }),
        ...(presented !== undefined && { presented }),
        ...(notices.size > 0 && { notice: [...notices].join(' ') }),
      }
    },
  }
}

const MOST_CHECKS = 200
const MOST_NOTICES = 8
const LONGEST = 200
const WORD = /^[a-z0-9_]{1,64}$/

function printable(text: string): string {
  return String(text)
    .slice(0, LONGEST)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]/gu, '?')
}
