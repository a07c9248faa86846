import type { Peer, Source } from '@countersign/core'
import { randomRequestId } from './ambient.ts'
import type { GuardEngine } from './engine.ts'

/** The other end of a connection as a framework hands it over; its texts are as the client sent them. */
export interface Caller extends Peer {
  /**
   * The client's address as the host determined it. Where the property is there it decides, and `undefined` says that
   * the address is unknown: neither the socket nor `X-Forwarded-For` is asked.
   */
  readonly clientAddress?: string | undefined
  /** What stands before the target of a request in the URLs that its client writes. */
  readonly publicUrl?: string | undefined
}

/** What one request is called in answers and events, and where it comes from. */
export interface Origin {
  readonly requestId: string
  readonly source: Source
}

/** Says where a request comes from. A request id of the client's is kept only where it is harmless in a header. */
export function originOf({ sourceOf }: Pick<GuardEngine, 'sourceOf'>, caller: Caller): Origin {
  const requestId = isHarmless(caller.requestId) ? caller.requestId : randomRequestId()
  const { publicUrl, request: sent } = caller
  const request = sent && publicUrl !== undefined ? { ...sent, publicUrl } : sent
  const source = sourceOf({ ...caller, request, requestId })
  if (!('clientAddress' in caller)) return { requestId, source }
  const { address: _socket, ...rest } = source
  const { clientAddress: address } = caller
  return { requestId, source: { ...rest, ...(address !== undefined && { address }) } }
}

const HARMLESS = /^[A-Za-z0-9._-]{1,128}$/

function isHarmless(requestId: string | undefined): requestId is string {
  return requestId !== undefined && HARMLESS.test(requestId)
}
