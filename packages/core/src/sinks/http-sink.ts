import type { Event, EventSink, SinkContext } from '../plugin.ts'
import { fromBase64Url, macOf, toBase64Url, toEpochSeconds } from '../plugin.ts'
import { toLines } from './to-line.ts'

/** Where events are posted to. */
export interface HttpSinkOptions {
  /** Keeps this sink's place in the trail; unique among the sinks of a deployment. */
  readonly name: string
  readonly url: string
  /** Headers of every request, for example `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Signs every request as Standard Webhooks says: `whsec_` and 24 to 64 random bytes in base64. */
  readonly secret?: string | undefined
}

/**
 * Creates a sink that posts batches of events as lines of JSON (NDJSON). Any answer but 2xx means "not written": the same
 * batch, with the same `webhook-id`, comes again. Redirects are not followed.
 *
 * Throws a `TypeError` where the URL or the secret is unusable.
 */
export function httpSink({ name, url, headers, secret }: HttpSinkOptions): EventSink {
  const endpoint = toEndpoint(url)
  const key = secret === undefined ? undefined : toKey(secret)
  return Object.freeze<EventSink>({
    name,
    async write(events, context) {
      if (events.length === 0) return
      const batch = { id: idOf(events), body: toLines(events) }
      const answer = await context.fetch(endpoint, {
        method: 'POST',
        redirect: 'error',
        signal: context.signal,
        body: batch.body,
        headers: {
          ...headers,
          'content-type': 'application/x-ndjson',
          ...signatureOf(key, batch, context),
        },
      })
      await answer.body?.cancel()
      if (!answer.ok) throw new Error(`The endpoint of an event sink answered ${answer.status}`)
    },
  })
}

interface Batch {
  readonly id: string
  readonly body: string
}

/** The same for the same events, so that an endpoint can tell repetitions. */
function idOf(events: readonly Event[]): string {
  return [events.at(0)?.id, events.at(-1)?.id].join('.')
}

function signatureOf(key: Uint8Array | undefined, { id, body }: Batch, { now }: SinkContext) {
  const timestamp = String(toEpochSeconds(now))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (key === undefined) return headers
  const mac = toBase64(macOf(key, `${id}.${timestamp}.${body}`))
  return { ...headers, 'webhook-signature': `v1,${mac}` }
}

function toEndpoint(url: string): string {
  const { protocol, username, password } = URL.canParse(url) ? new URL(url) : new URL('none:')
  const isUsable = ['https:', 'http:'].includes(protocol) && username === '' && password === ''
  if (!isUsable) throw new TypeError('httpSink() takes an http or https URL without a password')
  return url
}

function toKey(secret: string): Uint8Array {
  const text = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : ''
  const key = fromBase64Url(
    text
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/={0,2}$/, ''),
  )
  if (key === undefined || key.length < 24 || key.length > 64)
    throw new TypeError('httpSink() takes a secret of whsec_ and 24 to 64 bytes in base64')
  return key
}

/** Standard Webhooks has signatures in the other alphabet, with padding. */
function toBase64(bytes: Uint8Array): string {
  const text = toBase64Url(bytes).replace(/-/g, '+').replace(/_/g, '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}
