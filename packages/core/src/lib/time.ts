/** A duration in whole seconds. */
export type Seconds = number

/** So many minutes, in seconds. */
export function minutes(count: number): Seconds {
  return count * 60
}

/** So many hours, in seconds. */
export function hours(count: number): Seconds {
  return count * 3600
}

/** So many days of 24 hours, in seconds. */
export function days(count: number): Seconds {
  return count * 86_400
}

/** The instant `by` seconds after another one, or before it where `by` is negative. */
export function later(instant: Date, by: Seconds): Date {
  return new Date(instant.getTime() + by * 1000)
}

/** The whole seconds since 1970, rounded down: a token never says that it lives longer than it does. */
export function toEpochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}

/** The instant that many seconds after the start of 1970. */
export function fromEpochSeconds(seconds: number): Date {
  return new Date(seconds * 1000)
}

/** Tells whether the instant that many seconds after the start of 1970 has come. */
export function hasCome(seconds: number, now: Date): boolean {
  return now.getTime() >= seconds * 1000
}

/** The whole seconds left until an instant, rounded up and never below 0: waiting them is enough. */
export function secondsUntil(now: Date, instant: Date): Seconds {
  return Math.max(0, Math.ceil((instant.getTime() - now.getTime()) / 1000))
}

/** The days left until an instant, the one that has begun counted, and never below 0. */
export function daysUntil(now: Date, instant: Date): number {
  return Math.ceil(secondsUntil(now, instant) / days(1))
}

/** The first of several instants; those that are absent never come. */
export function earliest(...instants: readonly (Date | undefined)[]): Date | undefined {
  let first: Date | undefined
  for (const instant of instants) if (instant && (!first || instant < first)) first = instant
  return first
}
