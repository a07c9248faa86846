import type { ClientCertificate, Proof, Source } from '@countersign/core'
import type { Scheme } from './bearer.ts'
import { proofBeside } from './bearer.ts'
import type { Caller, Origin } from './caller.ts'
import { originOf } from './caller.ts'
import type { GuardEngine } from './engine.ts'

/**
 * Where a request at a guard comes from, found out when somebody asks, and once: most good tokens are bound to no address
 * and to no key, and then nobody does.
 */
export class Arrival implements Source {
  readonly #engine: Pick<GuardEngine, 'sourceOf'>
  readonly #peer: () => Caller
  readonly #scheme: Scheme
  #origin: Origin | undefined

  constructor(engine: Pick<GuardEngine, 'sourceOf'>, peer: () => Caller, scheme: Scheme) {
    this.#engine = engine
    this.#peer = peer
    this.#scheme = scheme
  }

  get address(): string | undefined {
    return this.#found.source.address
  }

  get certificate(): ClientCertificate | undefined {
    return this.#found.source.certificate
  }

  get proof(): Proof | undefined {
    // Beside a bearer's token none counts, so that nobody need find out whether there is one.
    return this.#scheme === 'Bearer' ? undefined : proofBeside(this.#scheme, this.#found.source)
  }

  get requestId(): string {
    return this.#found.requestId
  }

  get userAgent(): string | undefined {
    return this.#found.source.userAgent
  }

  get #found(): Origin {
    this.#origin ??= originOf(this.#engine, this.#peer())
    return this.#origin
  }
}
