/** Who did something, as events name it. */
export type Actor =
  | { readonly kind: 'host'; readonly label: string }
  | { readonly kind: 'identity'; readonly id: string }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'engine' }

/** Somebody who has proved nothing yet: whoever attempts a login. */
export const ANONYMOUS: Actor = { kind: 'anonymous' }

/** The engine itself, where it acts on nobody's word: first keys, corrected clocks. */
export const ENGINE: Actor = { kind: 'engine' }
