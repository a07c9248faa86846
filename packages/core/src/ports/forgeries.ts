/**
 * Counts signatures that were wrong, so that nobody buys a processor with texts that look like tokens of ours.
 *
 * 1. The memory that counting takes MUST be bounded, whatever is tried.
 */
export interface Forgeries {
  /** Nobody showed a wrong signature lately: there is nothing to ask for. */
  isQuiet(now: Date): boolean
  note(network: string, now: Date): void
  /** Whole seconds until signatures of a network are checked again; 0 where they are. */
  wait(network: string, now: Date): number
}
