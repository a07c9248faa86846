/** Cuts a stream of the Postgres protocol into its messages. */
export interface MessageReader {
  /** Answers the messages that are complete with this chunk. */
  read(chunk: Buffer): readonly Buffer[]
}

/** Creates a reader; the first message of a client has no letter in front of its length. */
export function createMessageReader(from: 'client' | 'server'): MessageReader {
  let rest: Buffer = Buffer.alloc(0)
  let letters = from === 'server' ? 1 : 0

  function next(): Buffer | undefined {
    if (rest.length < letters + 4) return undefined
    const length = letters + rest.readInt32BE(letters)
    if (rest.length < length) return undefined
    const message = rest.subarray(0, length)
    rest = rest.subarray(length)
    letters = 1
    return message
  }

  return {
    read(chunk) {
      rest = Buffer.concat([rest, chunk])
      const messages: Buffer[] = []
      for (let message = next(); message !== undefined; message = next()) messages.push(message)
      return messages
    },
  }
}

/** Creates a reader of any other protocol: what arrives together is one message. */
export function createChunkReader(): MessageReader {
  return { read: (chunk) => [chunk] }
}
