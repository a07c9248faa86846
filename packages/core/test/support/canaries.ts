import { Buffer } from 'node:buffer'
import { inspect } from 'node:util'

/** Everything that a secret may be disguised as, on its way into a log. */
function disguisesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const half = Math.ceil(secret.length / 2)
  const halves = [secret.slice(0, half), secret.slice(half)] as const
  const backwards = (text: string): string => [...text].reverse().join('')
  return [
    ...halves,
    ...halves.map(backwards),
    ...[0, 1, 2].map((offset) => base64From(bytes, offset)),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(secret),
    bytes.toString('hex').replace(/../g, '%$&'),
    [...bytes].join(','),
    JSON.stringify(secret).slice(1, -1),
  ]
}

/** What base64 makes of a text that stands anywhere in another one: the groups of digits that the neighbours leave alone. */
function base64From(bytes: Buffer, offset: number): string {
  const whole = bytes.subarray(offset)
  return whole.subarray(0, whole.length - (whole.length % 3)).toString('base64url')
}

/** The ways in which one of these secrets shows in a text; whatever shows is told by its kind alone. */
export function leaksIn(text: string, secrets: Iterable<string>): readonly string[] {
  const url = text.replaceAll('+', '-').replaceAll('/', '_')
  return [...secrets].flatMap((secret, index) => {
    const shown = disguisesOf(secret).filter((form) => text.includes(form) || url.includes(form))
    return shown.map((form) => `secret ${index}, as ${form.slice(0, 6)}…`)
  })
}

/** All that loggers, printers and serialisers make of a value, the chain of its causes with it. */
export function printsOf(value: unknown): string {
  const prints = [
    inspect(value, { depth: 10, showHidden: true, getters: false }),
    serialized(value),
    `${String(value)} ${JSON.stringify(Object.entries(value ?? {}))}`,
    inspect(cloned(value), { depth: 10, showHidden: true }),
  ]
  if (value instanceof Error) prints.push(value.message, value.stack ?? '', printsOf(value.cause))
  return prints.join('\n')
}

function serialized(value: unknown): string {
  return `${JSON.stringify(value)} ${JSON.stringify(Object.assign({}, value))}`
}

/** What another thread is handed; what cannot go there is nothing. */
function cloned(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return undefined
  }
}

/** Notes whatever this process writes while something runs. */
export async function outputOf(run: () => Promise<unknown>): Promise<string> {
  const written: string[] = []
  const streams = [process.stdout, process.stderr]
  const writes = streams.map((stream) => stream.write)
  for (const stream of streams)
    stream.write = (chunk: string | Uint8Array): boolean => {
      written.push(Buffer.from(chunk as Uint8Array).toString())
      return true
    }
  const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
  const logs = methods.map((method) => console[method])
  for (const method of methods) console[method] = (...values) => void written.push(inspect(values))
  try {
    await run()
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] as never
    for (const [index, method] of methods.entries()) console[method] = logs[index] as never
  }
  return written.join('')
}
