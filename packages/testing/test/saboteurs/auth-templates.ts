import type { StorageSaboteur } from './saboteur.ts'
import { tick, withBug } from './saboteur.ts'

export const authTemplateSaboteurs: readonly StorageSaboteur[] = [
  {
    bug: 'answers the template that it read first for ever',
    caughtBy:
      'logins.find MUST answer the template that the auth method names, as it stands at that moment',
    sabotage: withBug(({ logins }) => {
      const first = new Map<string, NonNullable<Awaited<ReturnType<typeof logins.find>>>>()
      return {
        logins: {
          ...logins,
          async find(query, now) {
            const state = await logins.find(query, now)
            const { template } = state ?? {}
            if (state === undefined || template === undefined) return state
            const known = first.get(template.id) ?? state
            first.set(template.id, known)
            return { ...state, ...(known.template && { template: known.template }) }
          },
        },
      }
    }),
  },
  {
    bug: 'lets a method name what it likes',
    caughtBy:
      'authMethods.insert MUST answer false where the template is gone, is of another method or of another organization',
    sabotage: withBug(({ authMethods }) => ({
      authMethods: {
        ...authMethods,
        insert: ({ template: _template, ...row }, events) => authMethods.insert(row, events),
      },
    })),
  },
  {
    bug: 'keeps the template that a method named first',
    caughtBy: 'authMethods.replace MUST name another template, or none',
    sabotage: withBug(({ authMethods }) => ({
      authMethods: {
        ...authMethods,
        async replace({ template: _template, ...row }, events) {
          const standing = await authMethods.find(row.organization, row.identity, row.method)
          const kept = standing?.template
          return authMethods.replace({ ...row, ...(kept && { template: kept }) }, events)
        },
      },
    })),
  },
  {
    bug: 'looks who names a template, and takes it away later with whoever does',
    caughtBy:
      'authTemplates.remove MUST leave no auth method without its template, however many come to name it at once',
    sabotage: withBug(({ authTemplates, authMethods }) => ({
      authTemplates: {
        ...authTemplates,
        async remove([organization, id], events) {
          const filter = { organization, template: id }
          const query = { filter, order: 'id', limit: 100 } as const
          if ((await authMethods.page(query)).rows.length > 0) return false
          await tick()
          for (const row of (await authMethods.page(query)).rows)
            await authMethods.remove([organization, row.identity, row.method], [])
          return authTemplates.remove([organization, id], events)
        },
      },
    })),
  },
]
