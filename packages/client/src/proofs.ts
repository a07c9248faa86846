import { createProver } from './dpop.ts'
import type { Shown } from './next-token.ts'
import type { ClientRuntime } from './runtime.ts'

/** The header that goes beside a request, where a proof is wanted. */
export type Prove = (method: string, url: string) => Promise<{ readonly dpop?: string }>

/** Shows proofs where they are wanted (RFC 9449). */
export interface Proofs {
  /** Makes the header of one request, whose token is `shown`; a login has none. */
  readonly beside: (
    shown: Shown | undefined,
    method: string,
    url: string,
  ) => Promise<{ readonly dpop?: string }>
  /** Sends something with a proof, and once more where the answer wants another: a nonce, the host's own time, or a first one. */
  readonly withProof: (
    about: {
      readonly shown: Shown | undefined
      /** Whether it can be sent again. */
      readonly again?: boolean
    },
    send: (prove: Prove) => Promise<Response>,
  ) => Promise<Response>
}

/** Creates them. From the start where `always`, else from the first login that is answered with a challenge of DPoP. */
export function createProofs(
  runtime: Pick<ClientRuntime, 'wallClock'>,
  always: boolean | undefined,
): Proofs {
  const prover = createProver(runtime)
  let wanted = always === true

  const beside: Proofs['beside'] = async (shown, method, url) => {
    // A token that is not bound is shown without: whoever guards things refuses a proof beside it.
    const isFor = shown === undefined ? wanted : shown.scheme === 'DPoP'
    return isFor ? { dpop: await prover.prove({ method, url, token: shown?.token }) } : {}
  }

  return {
    beside,
    async withProof({ shown, again = true }, send) {
      let place = ''
      const prove: Prove = (method, url) => {
        place = url
        return beside(shown, method, url)
      }
      const response = await send(prove)
      const isProved = shown === undefined ? wanted : shown.scheme === 'DPoP'
      const isAsked = shown === undefined && !wanted && always !== false && asksForProof(response)
      if (isAsked) wanted = true
      const isBetter = isProved && prover.learn(place, response)
      if (!again || !(isAsked || isBetter)) return response
      // The first answer is not read any more; its connection is let go.
      await response.body?.cancel()
      return send(prove)
    },
  }
}

function asksForProof({ status, headers }: Response): boolean {
  return status === 401 && /(?:^|,)\s*DPoP\b/i.test(headers.get('www-authenticate') ?? '')
}
