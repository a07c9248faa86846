/** What keeps the server from starting, in one sentence for the operator. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
