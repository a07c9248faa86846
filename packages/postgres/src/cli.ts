import type { PostgresPool } from './client.ts'
import { checkSchema } from './migrations/check-schema.ts'
import { migrate, migrationSql } from './migrations/migrate.ts'
import { restored } from './restore/restored.ts'

/** What the command line hands over, and takes back. */
export interface CliOptions {
  /** What stands behind the name of the program. */
  readonly arguments: readonly string[]
  readonly databaseUrl: string | undefined
  /** Opens a pool to a database, of which the command needs one connection. */
  openPool(url: string): Promise<ClosablePool>
  /** Reads a file line by line. */
  readLines(path: string): AsyncIterable<string>
  print(line: string): void
}

/** A pool that the command itself opened, and ends. */
export interface ClosablePool extends PostgresPool {
  end(): Promise<void>
}

/** Runs one command, and answers the exit code of the process. */
export async function runCli(options: CliOptions): Promise<number> {
  const parsed = parseArguments(options.arguments)
  const command = commands[parsed.command]
  if (command === undefined || parsed.unknown !== undefined) {
    options.print(USAGE)
    return 2
  }
  try {
    options.print(await command(options, parsed.settings))
    return 0
  } catch (error) {
    options.print(error instanceof Error ? error.message : String(error))
    return 1
  }
}

const USAGE = `Usage: countersign-postgres <command> [--schema <name>] [options]

  migrate   brings the schema of DATABASE_URL up to date; --runtime <role> lets a role run the engine
  check     tells whether the schema is there and may be used by this role
  sql       prints what migrate would run, for a database administrator; --after <version> skips what ran already
  restored  to be run after a restore or a failover, before the first node starts: refuses every access token so far,
            uses up what is limited (--uses keep leaves it), and takes away again what the events of a sink's file took
            away (--events <file>)`

type Settings = Readonly<
  Partial<Record<'schema' | 'runtime' | 'after' | 'events' | 'uses', string>>
>

type Command = (options: CliOptions, settings: Settings) => Promise<string>

const commands: Readonly<Record<string, Command | undefined>> = {
  async migrate(options, { schema, runtime }) {
    const given = { ...optional('schema', schema), ...optional('runtime', runtime) }
    const { applied } = await onPool(options, (pool) => migrate(pool, given))
    return applied.length === 0 ? 'Nothing was left to do' : `Applied ${applied.join(', ')}`
  },
  async check(options, { schema }) {
    await onPool(options, (pool) => checkSchema(pool, optional('schema', schema)))
    return 'The schema is as it should be'
  },
  async sql(_, { schema, runtime, after = '0' }) {
    const given = { ...optional('schema', schema), ...optional('runtime', runtime) }
    return migrationSql({ ...given, after: Number(after) }).trimEnd()
  },
  async restored(options, { schema, events, uses }) {
    if (uses !== undefined && uses !== 'keep') throw new Error('--uses takes the word keep')
    const given = {
      ...optional('schema', schema),
      ...(events !== undefined && { events: options.readLines(events) }),
      keepUses: uses === 'keep',
    }
    const done = await onPool(options, (pool) => restored(pool, given))
    return `Epoch ${done.epoch} begins; ${done.exhausted} used up, ${done.retaken} taken away again`
  },
}

async function onPool<T>(options: CliOptions, run: (pool: PostgresPool) => Promise<T>): Promise<T> {
  if (!options.databaseUrl) throw new Error('DATABASE_URL must name the database')
  const pool = await options.openPool(options.databaseUrl)
  try {
    return await run(pool)
  } finally {
    await pool.end()
  }
}

interface Arguments {
  readonly command: string
  readonly settings: Settings
  readonly unknown?: string
}

function parseArguments([command = '', ...rest]: readonly string[]): Arguments {
  const settings: Record<string, string> = {}
  for (let at = 0; at < rest.length; at += 2) {
    const [flag = '', value] = rest.slice(at, at + 2)
    if (!FLAGS.has(flag) || value === undefined) return { command, settings, unknown: flag }
    settings[flag.slice(2)] = value
  }
  return { command, settings }
}

const FLAGS: ReadonlySet<string> = new Set([
  '--schema',
  '--runtime',
  '--after',
  '--events',
  '--uses',
])

function optional<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string } {
  const member: Record<string, string> = {}
  if (value !== undefined) member[name] = value
  return member as { readonly [Key in Name]?: string }
}
