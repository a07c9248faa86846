import type { PostgresClient } from './client.ts'
import type { Answer } from './db.ts'
import type { Deadline } from './deadline.ts'
import { onTime } from './deadline.ts'
import type { Prepared, Statement, Value } from './statement.ts'
import { toStoredText } from './text.ts'

/** How statements are handed to a client. */
export interface SessionOptions {
  prepare(statement: Statement): Prepared
  /** Whether statements are prepared by name on their connection. */
  readonly named: boolean
  /** Seconds until a call gives up. */
  readonly timeout: number
  /** When a call that begins now gives up. */
  readonly deadline: () => Deadline
}

/** Runs a statement on one client, no longer than the deadline lets it. */
export async function ask(
  client: PostgresClient,
  options: SessionOptions,
  { statement, values }: { readonly statement: Statement; readonly values: readonly Value[] },
  signal: Deadline,
): Promise<readonly Answer[]> {
  const { name, text } = options.prepare(statement)
  const query = {
    ...(options.named && statement.once !== true && { name }),
    text,
    values: values.map(toParameter),
    query_timeout: options.timeout * 1000,
  }
  const { rows } = await onTime(client.query(query), signal)
  return rows.map(answerOf)
}

function answerOf(row: unknown): Answer {
  const { answer } = row as { readonly answer: unknown }
  return typeof answer === 'string' ? answer : undefined
}

function toParameter(value: Value): unknown {
  if (value === undefined) return null
  if (typeof value === 'string') return toStoredText(value)
  if (typeof value !== 'object') return value
  return value.map((item) => (typeof item === 'string' ? toStoredText(item) : item))
}
