// What must not compile: each line below an @ts-expect-error is a mistake that an editor shows.

import type { memoryStorage } from '../../src/index.ts'
import { createCountersign } from '../../src/index.ts'
import type { Attestation, SchemaOf, Verifier } from '../../src/plugin.ts'

interface PhrasePolicy {
  readonly language: 'sindarin' | 'khuzdul'
}

interface PhraseCredential {
  readonly phrase: string
}

declare const phrase: Verifier<'phrase', PhrasePolicy, PhraseCredential>
declare const storage: ReturnType<typeof memoryStorage>

const source = { address: '192.0.2.1' }
const usual = { issuer: 'https://id.example.com', rootKeys: [''], storage } as const

const plain = createCountersign(usual)
const spoken = createCountersign({ ...usual, verifiers: [phrase] })

/** Logins. */
export async function logins(): Promise<void> {
  await plain.login(
    { method: 'universal', identity: 'i', credential: { clientSecret: 's' } },
    source,
  )
  await spoken.login({ method: 'phrase', identity: 'i', credential: { phrase: 'p' } }, source)
  await spoken.login(
    { method: 'universal', identity: 'i', credential: { clientSecret: 's' } },
    source,
  )

  await plain.login({ method: 'token', credential: { staticToken: 't' } }, source)
  await plain.login({ method: 'token', identity: 'i', credential: { staticToken: 't' } }, source)

  await plain.login(
    // @ts-expect-error a misspelt method
    { method: 'univresal', identity: 'i', credential: { clientSecret: 's' } },
    source,
  )
  // @ts-expect-error a misspelt method beside others
  await spoken.login({ method: 'phrases', identity: 'i', credential: { phrase: 'p' } }, source)
  // @ts-expect-error a method that this engine was not built with
  await plain.login({ method: 'phrase', identity: 'i', credential: { phrase: 'p' } }, source)
  // @ts-expect-error the credential of another method
  await spoken.login({ method: 'phrase', identity: 'i', credential: { clientSecret: 's' } }, source)
  // @ts-expect-error the credential of another method
  await spoken.login({ method: 'universal', identity: 'i', credential: { phrase: 'p' } }, source)
  await plain.login(
    // @ts-expect-error a misspelt member of a credential
    { method: 'universal', identity: 'i', credential: { clientSecert: 's' } },
    source,
  )
  // @ts-expect-error a credential that is no text
  await plain.login({ method: 'universal', identity: 'i', credential: { clientSecret: 1 } }, source)
  // @ts-expect-error no identity
  await plain.login({ method: 'universal', credential: { clientSecret: 's' } }, source)
  // @ts-expect-error no source
  await plain.login({ method: 'universal', identity: 'i', credential: { clientSecret: 's' } })
  // @ts-expect-error an unknown member of a source
  await plain.authenticate('t', { ip: '192.0.2.1' })
  // @ts-expect-error a token that is no text
  await plain.authenticate(undefined, source)
}

/** Options. */
export function options(): void {
  createCountersign({ ...usual, cacheTtl: 0, prefix: 'acme', maxTokenAge: 60 })
  // @ts-expect-error an unknown option
  createCountersign({ ...usual, cachTtl: 0 })
  // @ts-expect-error an option of another type
  createCountersign({ ...usual, cacheTtl: '1 s' })
  // @ts-expect-error no storage
  createCountersign({ issuer: 'https://id.example.com', rootKeys: [''] })
  // @ts-expect-error one key instead of a list
  createCountersign({ ...usual, rootKeys: 'key' })
  // @ts-expect-error a verifier that is none
  createCountersign({ ...usual, verifiers: [{ method: 'phrase' }] })
}

/** Auth methods and their policies. */
export async function policies(): Promise<void> {
  const plainHost = plain.asHost('types')
  const host = spoken.asHost('types')
  const key = { organization: 'acme', identity: 'i' }
  await host.authMethods.attach({ ...key, method: 'phrase', policy: { language: 'sindarin' } })
  await host.identities.create({
    organization: 'acme',
    name: 'n',
    authMethod: { method: 'universal', tokenPolicy: { maxTtl: 'unbounded' }, lockout: 'off' },
  })

  // @ts-expect-error the policy of another method
  await host.authMethods.attach({ ...key, method: 'universal', policy: { language: 'sindarin' } })
  // @ts-expect-error a value that the policy does not have
  await host.authMethods.attach({ ...key, method: 'phrase', policy: { language: 'quenya' } })
  // @ts-expect-error a method that this engine was not built with
  await plainHost.authMethods.attach({ ...key, method: 'phrase' })
  // @ts-expect-error a misspelt method
  await host.authMethods.detach({ ...key, method: 'phrases' })
  // @ts-expect-error an unknown member of a token policy
  await host.authMethods.update({ ...key, method: 'phrase', tokenPolicy: { maxTTL: 1 } })
  // @ts-expect-error no end has a name of its own
  await host.authMethods.update({ ...key, method: 'phrase', tokenPolicy: { maxTtl: 'never' } })
  // @ts-expect-error what may be switched is called off
  await host.authMethods.update({ ...key, method: 'phrase', lockout: false })
  // @ts-expect-error an unknown member of an identity
  await host.identities.create({ organization: 'acme', name: 'n', role_: 'admin' })
  // @ts-expect-error identities are managed on somebody's word
  plain.identities
  // @ts-expect-error a label is text
  plain.asHost()
  // @ts-expect-error a principal is an object of the engine's, not a name
  plain.as('u_42')
  // @ts-expect-error keys of the deployment are the host's alone
  plain.as(plain.principalFor({ user: 'u', organization: 'acme' })).signingKeys
}

/** Verifiers. */
export function verifiers(
  policy: SchemaOf<PhrasePolicy>,
  credential: SchemaOf<PhraseCredential>,
): void {
  const attestation: Attestation = { subject: 's', claims: {} }
  const honest: Verifier<'phrase', PhrasePolicy, PhraseCredential> = {
    method: 'phrase',
    policy,
    credential,
    locate: ({ phrase: text }) => text,
    verify: ({ phrase: text }, { policy: { language } }) => {
      if (text === language) return attestation
      throw new Error('nobody answered')
    },
  }
  createCountersign({ ...usual, verifiers: [honest] })
  const { method } = honest
  // @ts-expect-error a yes is an attestation
  const careless: typeof honest = { ...honest, verify: () => true }
  // @ts-expect-error the name of a method is part of its type
  const other: Verifier<'other'> = { ...honest, method }
  createCountersign({ ...usual, verifiers: [careless, other] })
}
