import type { Event, Identity, Organization } from '@countersign/core/plugin'

/** The instant so many seconds after the beginning of every test. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 2, 1, 12, 0, seconds))
}

/** An organization that nobody has stored. */
export function anOrganization(given: Partial<Organization> = {}): Organization {
  const dated = { revision: 1, createdAt: at(0), updatedAt: at(0) }
  return { id: 'acme', name: 'Acme', ...dated, ...given }
}

/** An identity of the organization above. */
export function anIdentity(given: Partial<Identity> = {}): Identity {
  return {
    id: 'idn_1',
    organization: 'acme',
    name: 'worker',
    metadata: {},
    disabled: false,
    deleteProtection: false,
    createdBy: { kind: 'engine' },
    generation: 1,
    revision: 1,
    createdAt: at(0),
    updatedAt: at(0),
    ...given,
  }
}

/** An event about an identity. */
export function anEvent(given: Partial<Event> = {}): Event {
  return {
    v: 1,
    id: 'evt_1',
    type: 'identity.updated',
    at: at(0),
    actor: { kind: 'engine' },
    target: { kind: 'identity', id: 'idn_1' },
    ...given,
  }
}
