import pg from 'pg'
import type { Sent } from './hot-statements.ts'

/** Which plan a prepared statement is given: the one for these values, or the one for any. */
export type PlanMode = 'custom' | 'generic'

/** How Postgres went about a statement. */
export interface Plan {
  /** Tables that were read from end to end. */
  readonly scanned: readonly string[]
  /** Pages of tables and indices that were looked at. */
  readonly pages: number
  /** Milliseconds that the statement took, without its planning. */
  readonly milliseconds: number
  readonly text: string
}

/** A statement that a connection holds ready. */
export interface PreparedPlan {
  /** Runs it and undoes what it did. */
  run(mode: PlanMode): Promise<Plan>
}

/** Prepares a statement on one connection, with the plan for any values as the tables are now. */
export async function preparePlan(client: pg.ClientBase, sent: Sent): Promise<PreparedPlan> {
  count += 1
  const execute = `EXECUTE hot_${count} (${sent.values.map(toLiteral).join(', ')})`
  const explain = async (mode: PlanMode, options: string): Promise<Explained> => {
    await client.query(`SET plan_cache_mode = force_${mode}_plan`)
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON${options}) ${execute}`)
    return rows[0]['QUERY PLAN'][0]
  }
  await client.query(`PREPARE hot_${count} AS ${sent.text}`)
  await explain('generic', '')
  return {
    async run(mode) {
      await client.query('BEGIN')
      try {
        return toPlan(await explain(mode, ', ANALYZE, BUFFERS'))
      } finally {
        await client.query('ROLLBACK')
      }
    },
  }
}

let count = 0

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Node[]
}

interface Explained {
  readonly Plan: Node
  readonly 'Execution Time': number
}

function toPlan(explained: Explained): Plan {
  const { Plan: root } = explained
  const nodes = flatten(root)
  const scanned = nodes
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name'] ?? '')
  const lines = nodes
    .filter((node) => 'Relation Name' in node || 'Index Name' in node)
    .map((node) =>
      [node['Node Type'], node['Relation Name'], node['Index Name'], node['Index Cond']].join(' '),
    )
  return {
    scanned: scanned.filter((table) => !SINGLE_ROWS.has(table)),
    pages: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
    milliseconds: explained['Execution Time'],
    text: lines.join('\n'),
  }
}

/** Tables of one row, which no index finds faster. */
const SINGLE_ROWS: ReadonlySet<string> = new Set(['deployment', 'stream'])

function flatten(node: Node): readonly Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)]
}

function toLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return pg.escapeLiteral(Array.isArray(value) ? `{${value.map(toItem).join(',')}}` : String(value))
}

function toItem(item: unknown): string {
  return `"${String(item).replace(/["\\]/g, '\\$&')}"`
}
