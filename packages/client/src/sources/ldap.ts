import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'

/** An identity, and somebody whom its directory knows. */
export interface LdapOptions {
  readonly identity: Provided
  readonly username: Provided
  /** Sent as it is, outer spaces included; a function is asked anew for every login. */
  readonly password: string | (() => string | Promise<string>)
}

/** Logs in by a user name and a password of a directory. */
export function ldap({ identity, username, password }: LdapOptions): LoginSource {
  return {
    kind: 'login',
    name: 'ldap',
    read: async () => ({
      slug: 'ldap-auth',
      fields: {
        identityId: await provide(identity),
        username: await provide(username),
        password: typeof password === 'string' ? password : await password(),
      },
    }),
  }
}
