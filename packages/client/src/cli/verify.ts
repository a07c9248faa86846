import { ask } from './api.ts'
import type { Statement, TrailEvent } from './chain.ts'
import { hashesOf, readCheckpoint } from './chain.ts'
import type { Settings } from './settings.ts'
import { optionOf } from './settings.ts'
import { show } from './show.ts'
import { UsageError } from './terminal.ts'

/** What is found of one chain. */
interface Finding {
  readonly organization: string
  readonly is: 'intact' | 'unsigned' | 'BROKEN'
  readonly events: number
  readonly found: string
}

/**
 * Verifies a trail that a sink wrote by checkpoints that a witness kept, and ends with 1 where they do not agree. The keys come
 * from the host, or out of a file, and then nobody is asked for anything.
 */
export async function verifyTrail(settings: Settings): Promise<number> {
  const { terminal } = settings
  const events = linesOf(await fileOf(settings, 'events')).map(parseEvent)
  const texts = linesOf(await fileOf(settings, 'checkpoints'))
  const named = optionOf(settings, 'jwks')
  const { keys } =
    named === undefined
      ? await ask(settings, '/.well-known/jwks.json', { token: '' })
      : JSON.parse(await terminal.readFile(named))
  if (!Array.isArray(keys)) throw new UsageError('There are no keys to verify checkpoints with')
  const statements: Statement[] = []
  for (const [place, text] of texts.entries()) {
    const statement = await readCheckpoint(text, keys)
    if (statement === undefined)
      throw new Error(`Checkpoint ${place + 1} is not signed by any of the keys`)
    statements.push(statement)
  }
  const findings = await Promise.all(
    chainsOf(events, statements).map((name) => judge(name, events, statements)),
  )
  show(
    settings,
    findings.map((finding) => ({ ...finding })),
    findings,
  )
  return findings.length > 0 && findings.every((finding) => finding.is === 'intact') ? 0 : 1
}

/** Every organization that there is an event or a checkpoint of; `undefined` for what belongs to none. */
function chainsOf(
  events: readonly TrailEvent[],
  statements: readonly Statement[],
): readonly (string | undefined)[] {
  const named = events.map((event) => event['organization'] as string | undefined)
  return [...new Set([...named, ...statements.map(({ org }) => org)])]
}

async function judge(
  name: string | undefined,
  events: readonly TrailEvent[],
  statements: readonly Statement[],
): Promise<Finding> {
  const chain = events.filter((event) => event['organization'] === name)
  const about = { organization: name ?? '', events: chain.length }
  const hashes = await hashesOf(chain)
  const own = statements.filter(({ org }) => org === name)
  const signed = Math.max(0, ...own.map(({ index }) => index))
  const wrong = own
    .flatMap(({ index, hash, anchor }) => [{ index, hash }, anchor])
    .sort((one, other) => one.index - other.index)
    .find(({ index, hash }) => hashes[index] !== hash)
  if (wrong !== undefined)
    return {
      ...about,
      is: 'BROKEN',
      found:
        wrong.index > chain.length
          ? `${wrong.index} events were signed, and ${chain.length} are here`
          : `changed at or before event ${wrong.index}`,
    }
  if (own.length === 0) return { ...about, is: 'unsigned', found: 'no checkpoint is about it' }
  const rest = chain.length - signed
  return { ...about, is: 'intact', found: rest === 0 ? 'all signed' : `${rest} not signed yet` }
}

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.trim() !== '')

function parseEvent(line: string, place: number): TrailEvent {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as TrailEvent
  } catch {
    // Said below.
  }
  throw new UsageError(`Line ${place + 1} of the events is no event`)
}

function fileOf(settings: Settings, option: 'events' | 'checkpoints'): Promise<string> {
  const path = optionOf(settings, option)
  if (path === undefined)
    throw new UsageError('Name both files: audit verify --events <path> --checkpoints <path>')
  return settings.terminal.readFile(path)
}
