import type { Meter } from '../ports/meter.ts'

/** The instruments of one engine. What they measure, under which names and labels, is a promise: dashboards stand on it. */
export interface Instruments {
  login(outcome: Outcome, seconds: number, labels: LoginLabels): void
  authenticate(outcome: Outcome, cache: 'hit' | 'miss'): void
  spend(outcome: 'spent' | 'exhausted' | 'unavailable'): void
  storage(verb: string, outcome: 'ok' | 'failed', seconds: number): void
  verifier(method: string, outcome: Outcome, seconds: number): void
  channelLag(seconds: number): void
}

/** How something ended: with a yes, a no, or without anybody being able to tell. */
export type Outcome = 'granted' | 'refused' | 'unavailable'

/** What is told of a login beside its outcome. */
export interface LoginLabels {
  readonly method: string
  readonly reason: string
}

/** What is looked at when somebody asks, instead of being told when it happens. */
export interface Gauges {
  /** Locks that began on this node and stand. */
  activeLockouts(): number
  /** Bytes that remembered tokens take, estimated. */
  cacheBytes(): number
  /** Seconds that the newest signing key has been signing; undefined where nobody asked for it yet. */
  keyAge(): number | undefined
  /** How many credentials end within so many days, as the last pass of maintenance on this node saw it. */
  expiringCredentials(): ReadonlyMap<number, number>
  /** Events that are committed and not sealed, as this node last saw them; undefined where it never looked. */
  auditBacklog(): number | undefined
}

/** Creates instruments on a meter of the host's. */
export function createInstruments(meter: Meter, gauges: Gauges): Instruments {
  const login = meter.createHistogram('countersign.login', {
    description: 'Logins, and how long they took',
    unit: 's',
  })
  const authenticate = meter.createCounter('countersign.authenticate', {
    description: 'Requests with a token',
  })
  const spend = meter.createCounter('countersign.spend', {
    description: 'Uses of tokens that have a limit',
  })
  const storage = meter.createHistogram('countersign.storage.duration', {
    description: 'Verbs of the storage, and how long they took',
    unit: 's',
  })
  const verifier = meter.createHistogram('countersign.verifier.duration', {
    description: 'Credentials that were appraised, and how long that took',
    unit: 's',
  })
  const lag = meter.createHistogram('countersign.channel.lag', {
    description: 'Changes that another node told, and how long they were under way',
    unit: 's',
  })
  observe(meter, gauges)
  return {
    login: (outcome, seconds, labels) => login.record(seconds, { ...labels, outcome }),
    authenticate: (outcome, cache) => authenticate.add(1, { outcome, cache }),
    spend: (outcome) => spend.add(1, { outcome }),
    storage: (verb, outcome, seconds) => storage.record(seconds, { verb, outcome }),
    verifier: (method, outcome, seconds) => verifier.record(seconds, { method, outcome }),
    channelLag: (seconds) => lag.record(seconds),
  }
}

function observe(meter: Meter, gauges: Gauges): void {
  const rows = [
    [
      'countersign.lockouts.active',
      { description: 'Locks that began on this node and stand' },
      gauges.activeLockouts,
    ],
    [
      'countersign.cache.bytes',
      { description: 'Bytes that remembered tokens take', unit: 'By' },
      gauges.cacheBytes,
    ],
    [
      'countersign.keys.age',
      { description: 'How long the newest key has been signing', unit: 's' },
      gauges.keyAge,
    ],
    [
      'countersign.audit.backlog',
      { description: 'Events that are not sealed yet' },
      gauges.auditBacklog,
    ],
  ] as const
  for (const [name, options, read] of rows)
    meter.createObservableGauge(name, options).addCallback((result) => {
      const value = read()
      if (value !== undefined) result.observe(value)
    })
  meter
    .createObservableGauge('countersign.credentials.expiring', {
      description: 'Client secrets and static tokens that end within so many days',
    })
    .addCallback((result) => {
      for (const [days, count] of gauges.expiringCredentials()) result.observe(count, { days })
    })
}
