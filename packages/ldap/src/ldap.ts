import type { Attestation, Rejection, SchemaOf, Verifier } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import type { Egress, Network } from '@countersign/evidence'
import {
  compileEgress,
  createChecklist,
  issue,
  objectOf,
  schemaFrom,
  systemNetwork,
  text,
} from '@countersign/evidence'
import type { User } from './appraise-user.ts'
import { appraiseUser } from './appraise-user.ts'
import { textsOf } from './fields.ts'
import type { Reach } from './find-server.ts'
import { withServer } from './find-server.ts'
import { firstOf } from './first-of.ts'
import type { LdapConnection, LdapPolicy } from './policy.ts'
import { policyOf, templateOf } from './policy.ts'
import { LDAP_PORTS } from './server-url.ts'
import { refuseConnection } from './test-bind.ts'
import { canonicalUsername, LONGEST_USERNAME } from './username.ts'
import { ldapWire } from './wire.ts'

/** What a workload presents. */
export interface LdapCredential {
  readonly username: string
  readonly password: string
}

/** How the verifier reaches directories. */
export interface LdapOptions {
  /** Where it may connect to; public addresses on the ports of LDAP by default. `loopbackHttp` admits `ldap://` in clear there. */
  readonly egress?: Egress | undefined
  /** Says that a policy is saved without a bind as its service: for hosts that save policies where no directory can be reached. */
  readonly testBind?: 'off' | undefined
  /** Another way to resolve names, and to tell time: for tests. */
  readonly network?: Pick<Network, 'resolve' | 'deadline'> | undefined
}

/** Seconds that one login may take at directories, however many servers are tried. */
const DEADLINE = 4

/** Creates the verifier of user names and passwords in an LDAP directory. */
export function ldap({
  egress = {},
  network = systemNetwork(),
  testBind,
}: LdapOptions = {}): Verifier<'ldap', LdapPolicy, LdapCredential> {
  const ports = egress.ports === 'any' ? 'any' : [...LDAP_PORTS, ...(egress.ports ?? [])]
  const reach: Reach = { egress: compileEgress({ ...egress, ports }), network }

  return Object.freeze<Verifier<'ldap', LdapPolicy, LdapCredential>>({
    method: 'ldap',
    guessable: true,
    policy: policyOf(reach.egress),
    credential: objectOf<LdapCredential>({ username: text(LONGEST_USERNAME), password }),
    secrets: ['bindPassword', 'clientCertificate.key'],
    destinations: ['urls', 'startTls', 'ca'],
    template: templateOf(reach.egress),
    wire: ldapWire,
    countedBy: ({ username }) => canonicalUsername(username) ?? '',
    ...(testBind === undefined && {
      async refusePolicy(connection, context) {
        const { signal, release } = firstOf(context.signal, network.deadline(DEADLINE))
        try {
          // What is to be saved was parsed by the schema of policies, or by that of templates.
          return await refuseConnection(connection as LdapConnection, reach, signal)
        } finally {
          release()
        }
      },
    }),
    async verify(credential, { policy, ...context }): Promise<Attestation | Rejection> {
      const list = createChecklist(context)
      const username = canonicalUsername(credential.username)
      if (username === undefined) return list.stop('username', 'username_malformed')
      // RFC 4513, 5.1.2: a bind with a name and no password succeeds, as nobody.
      if (!isPassword(credential.password)) return list.stop('password', 'password_empty')
      const { signal, release } = firstOf(context.signal, network.deadline(DEADLINE))
      try {
        const claimed = { username, password: credential.password }
        const user = await withServer(policy, reach, signal, (directory) =>
          appraiseUser(claimed, policy, directory, list),
        )
        return isRejection(user) ? user : attest(user, policy)
      } finally {
        release()
      }
    },
  })
}

/** Blanks around a password belong to it. Empty is no mistake in form, but a password that is never right. */
const password: SchemaOf<string> = schemaFrom((input) => {
  if (typeof input !== 'string') return issue('must be a text')
  return input.length > 512 ? issue('must be at most 512 characters long') : { value: input }
})

/** A directory in C reads to the first NUL: what begins with one is as empty. */
function isPassword(text: string): boolean {
  return text !== '' && !text.includes('\0')
}

/** What is stable names the user; the name may be given to somebody else one day. */
function attest({ username, entry, id, groups }: User, { attested = [] }: LdapPolicy): Attestation {
  const found = attested.flatMap((name) => {
    const [value, ...more] = textsOf(entry, name)
    return value === undefined || more.length > 0 ? [] : [[name, value] as const]
  })
  return {
    subject: id ?? entry.dn,
    claims: {
      ...Object.fromEntries(found),
      username,
      dn: entry.dn,
      ...(id !== undefined && { id }),
      ...(groups.length > 0 && { groups }),
    },
  }
}
