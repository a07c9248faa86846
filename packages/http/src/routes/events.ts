import type { Event } from '@countersign/core'
import * as z from 'zod'
import { collect } from '../collect.ts'
import { id, instant, paging, stamp } from '../wire/words.ts'
import type { Route } from './route.ts'
import { managed } from './route.ts'

const eventAnswer = z
  .strictObject({
    id: z.string(),
    orgId: z.string().nullable(),
    projectId: z.string().nullable(),
    actor: z.strictObject({ type: z.string(), metadata: z.record(z.string(), z.string()) }),
    event: z.strictObject({ type: z.string(), metadata: z.record(z.string(), z.unknown()) }),
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: stamp,
  })
  .meta({ id: 'AuditLog' })

/** Shows the audit trail of the organization. */
export const eventRoutes: readonly Route[] = [
  managed({
    id: 'list-events',
    method: 'GET',
    path: '/api/v1/organization/audit-logs',
    tag: 'Audit',
    summary: 'Lists what happened in the organization, the newest first.',
    permission: 'event:read',
    query: z.strictObject({
      ...paging(1000, 20),
      eventType: z
        .string('must be a string')
        .regex(/^[a-z_]{1,40}\.[a-z_]{1,40}$/, 'must be the type of an event, like login.granted')
        .optional(),
      actor: id.optional(),
      startDate: instant.optional(),
      endDate: instant.optional(),
    }),
    answer: z.strictObject({ auditLogs: z.array(eventAnswer) }),
    async run({ manage, organization, query }) {
      const { eventType, actor, startDate, endDate, ...page } = query
      const filter = {
        organization,
        ...(eventType !== undefined && { type: eventType as Event['type'] }),
        ...(actor !== undefined && { identity: actor }),
        ...(startDate !== undefined && { since: new Date(startDate) }),
        ...(endDate !== undefined && { until: new Date(endDate) }),
      }
      const events = await collect((next) => manage.events.list({ ...filter, ...next }), page)
      return { auditLogs: events.map(toAnswer) }
    },
  }),
]

function toAnswer(event: Event): object {
  const { actor, target, source, reason, count, details } = event
  const { kind, ...who } = actor
  return {
    id: event.id,
    orgId: event.organization ?? null,
    projectId: typeof details?.['project'] === 'string' ? details['project'] : null,
    actor: { type: kind, metadata: who },
    event: {
      type: event.type,
      metadata: {
        target: target.kind,
        targetId: target.id,
        ...details,
        ...(reason !== undefined && { reason }),
        ...(count !== undefined && { count }),
      },
    },
    ipAddress: source?.address ?? null,
    userAgent: source?.userAgent ?? null,
    createdAt: event.at.toISOString(),
  }
}
