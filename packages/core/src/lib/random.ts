/** A cryptographically secure source of so many bytes. */
export type Random = (size: number) => Uint8Array
