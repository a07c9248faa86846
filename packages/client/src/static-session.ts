import { ClientError } from './client-error.ts'
import type { ClientRuntime } from './runtime.ts'
import type { Session } from './session.ts'
import type { TokenSource } from './source.ts'

/** Creates the session of a static token: it is read where it lies, and read anew once it was refused. */
export function createStaticSession(
  source: TokenSource,
  runtime: ClientRuntime,
  url: string,
): Session {
  let held: string | undefined
  return {
    async token(signal = new AbortController().signal) {
      held ??= await source.read({ runtime, signal, audience: url })
      return { token: held, scheme: 'Bearer' }
    },
    forget(token) {
      if (held === token) held = undefined
    },
    revoke: () =>
      Promise.reject(
        new ClientError('invalid_request', 'A static token is revoked by whoever manages it'),
      ),
  }
}
