/** The little of ioredis 5 and 6 that runs scripts; its Cluster has it too. */
export interface IoredisClient {
  evalsha(sha: string, keys: number, ...keysAndValues: string[]): Promise<unknown>
  eval(text: string, keys: number, ...keysAndValues: string[]): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** What a script is given, as node-redis takes it. */
export interface ScriptValues {
  // Mutable lists: that is what the client asks for.
  keys: string[]
  arguments: string[]
}

/** The little of node-redis 4 to 6 that runs scripts; its cluster client has it too. */
export interface NodeRedisClient {
  evalSha(sha: string, values: ScriptValues): Promise<unknown>
  eval(text: string, values: ScriptValues): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A client of the host's, connected to Redis or Valkey; it stays the host's to end. */
export type RedisClient = IoredisClient | NodeRedisClient

/** Runs one script and answers what it returned, as the client reads it. */
export type RunScript = (
  script: RedisScript,
  keys: readonly string[],
  values: readonly string[],
) => Promise<unknown>

/** A script and the digest that Redis knows it by. */
export interface RedisScript {
  readonly text: string
  readonly sha: string
}

/** Speaks to either client: by the digest of a script, and by its text where Redis does not know it yet. */
export function createRunScript(client: RedisClient): RunScript {
  // A client without such a listener throws what nobody asked for, and takes the process down.
  client.on('error', ignore)
  const { bySha, byText } = 'evalSha' in client ? ofNodeRedis(client) : ofIoredis(client)

  return (script, keys, values) =>
    bySha(script.sha, keys, values).catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error
      return byText(script.text, keys, values)
    })

  function ignore(): void {}
}

type Evaluate = (
  script: string,
  keys: readonly string[],
  values: readonly string[],
) => Promise<unknown>

interface Evaluates {
  readonly bySha: Evaluate
  readonly byText: Evaluate
}

function ofNodeRedis(client: NodeRedisClient): Evaluates {
  return {
    bySha: (sha, keys, values) => client.evalSha(sha, { keys: [...keys], arguments: [...values] }),
    byText: (text, keys, values) => client.eval(text, { keys: [...keys], arguments: [...values] }),
  }
}

function ofIoredis(client: IoredisClient): Evaluates {
  return {
    bySha: (sha, keys, values) => client.evalsha(sha, keys.length, ...keys, ...values),
    byText: (text, keys, values) => client.eval(text, keys.length, ...keys, ...values),
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
