import type { Statement, Value } from './statement.ts'

/** The one column of a row: text, most often JSON. */
export type Answer = string | undefined

/** Runs statements, each of which is atomic by itself. */
export interface Db {
  /** Runs a statement and answers the column `answer` of its rows. */
  ask(statement: Statement, values: readonly Value[]): Promise<readonly Answer[]>
  /** Runs several statements so that all of them count, or none. */
  atomic<T>(run: (db: Db) => Promise<T>): Promise<T>
}

/** Runs a statement that answers a row if it did what it says. */
export async function does(
  db: Db,
  statement: Statement,
  values: readonly Value[],
): Promise<boolean> {
  return (await db.ask(statement, values)).length > 0
}

/** Runs a statement and reads the JSON of each of its rows. */
export async function readAll<Shape>(
  db: Db,
  statement: Statement,
  values: readonly Value[],
): Promise<readonly Shape[]> {
  const answers = await db.ask(statement, values)
  return answers.flatMap((answer) => (answer === undefined ? [] : [JSON.parse(answer) as Shape]))
}

/** Runs a statement and reads the JSON of its only row. */
export async function readOne<Shape>(
  db: Db,
  statement: Statement,
  values: readonly Value[],
): Promise<Shape | undefined> {
  const [shape] = await readAll<Shape>(db, statement, values)
  return shape
}
