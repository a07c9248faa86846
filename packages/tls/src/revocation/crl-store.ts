import { later } from '@countersign/core/plugin'
import type { Outbound } from '@countersign/evidence'
import { OutboundError } from '@countersign/evidence'
import { readPem } from '../certificate/pem.ts'
import type { Crl } from './crl.ts'
import { readCrl } from './crl.ts'

/** Answers the list that lies at a URL, or throws an `OutboundError`. */
export type FindCrl = (url: string, now: Date) => Promise<Crl>

/** Seconds for which a list is used without asking again, where it has not ended itself. */
export const CRL_AGE = 300
/** Seconds before a place is asked again that had no list. */
export const CRL_COOLDOWN = 30

const MOST_BYTES = 4_194_304
const MOST_LISTS = 256
const DEADLINE = 5

interface Place {
  readonly asking?: Promise<Crl>
  readonly crl?: Crl
  readonly askedAt?: Date
  readonly failure?: OutboundError
}

/** Creates the store of lists by their URLs: one question at a time, and the old list as long as it lasts. */
export function createCrlStore(outbound: Outbound): FindCrl {
  const places = new Map<string, Place>()

  async function ask(url: string): Promise<Crl> {
    const signal = outbound.deadline(DEADLINE)
    const accept = 'application/pkix-crl, application/x-pem-file;q=0.9, */*;q=0.1'
    const { status, body } = await outbound.ask({ url, accept, mostBytes: MOST_BYTES, signal })
    if (status !== 200) throw new OutboundError('unexpected_status', { status })
    const crl =
      readCrl(body) ?? readPem(Buffer.from(body).toString('latin1'), 'X509 CRL').map(readCrl)[0]
    if (crl === undefined) throw new OutboundError('unexpected_content')
    return crl
  }

  function keep(url: string, place: Place): void {
    const [oldest] = places.keys()
    if (places.size >= MOST_LISTS && oldest !== undefined && !places.has(url)) places.delete(oldest)
    places.set(url, place)
  }

  async function refresh(url: string, now: Date, { crl: old }: Place): Promise<Crl> {
    try {
      const crl = await ask(url)
      keep(url, { crl, askedAt: now })
      return crl
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error
      keep(url, { ...(old && { crl: old }), askedAt: now, failure: error })
      if (old === undefined || now >= old.nextUpdate) throw error
      return old
    }
  }

  return async function find(url, now) {
    const place = places.get(url) ?? {}
    const { asking, crl, askedAt, failure } = place
    if (asking !== undefined) return asking
    const wait = failure === undefined ? CRL_AGE : CRL_COOLDOWN
    if (askedAt !== undefined && now < later(askedAt, wait)) {
      if (crl !== undefined && now < crl.nextUpdate) return crl
      if (failure !== undefined) throw failure
    }
    const refreshing = refresh(url, now, place)
    keep(url, { ...place, asking: refreshing })
    return refreshing
  }
}
