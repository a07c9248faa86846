import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCountersignError } from '@countersign/core'
import type { Issued } from '@countersign/testkit/openssl'
import { aFolder, openssl } from '@countersign/testkit/openssl'
import type { TlsPolicy } from '@countersign/tls'
import { expect } from 'vitest'

type Shown = Pick<Issued, 'cert'>

/** A chain, when it is shown, and the policy that judges it. */
export interface Presented {
  readonly policy: TlsPolicy
  readonly now: Date
  readonly chain: readonly [Shown, ...Shown[]]
}

/** What openssl says of a chain: nothing where it holds. */
type Fault = string | undefined

/** Refusals that are about names, pins and what a policy wants beside a chain: the chain itself holds. */
const ABOUT_POLICY = /_not_allowed$/
const ABOUT_CHAIN = new Set([
  'client_auth_not_allowed',
  'issuer_client_auth_not_allowed',
  'signing_not_allowed',
])

/** Where ours is the stricter one by intention, by our reason: openssl may say either. */
const STRICTER: Readonly<Record<string, string>> = {
  certificate_is_authority:
    'openssl lets an authority be a client, where its key usage allows that',
  certificate_unreadable: 'openssl reads names only where a constraint is about them',
  name_constraint_unknown: 'openssl minds a kind of name only where a certificate has one',
  path_too_winding: 'openssl follows one way and no other',
}

/**
 * Has `openssl verify` judge a chain beside our own verifier, and holds both to the same outcome. What is told apart by
 * names or pins is a chain that holds; what nobody can tell (no list) is none for openssl either.
 */
export async function agreeing<T>(attempt: Promise<T>, shown: Presented): Promise<T> {
  const { outcome, reason, fault } = await bothOf(attempt, shown)
  if (!isException(reason, shown))
    expect({ reason, fault, holds: fault === undefined }).toMatchObject({ holds: isSound(reason) })
  return outcome()
}

/** Holds openssl to saying otherwise, for a declared reason: an exception that is none any more is found. */
export async function differing<T>(why: string, attempt: Promise<T>, shown: Presented): Promise<T> {
  const { outcome, reason, fault } = await bothOf(attempt, shown)
  expect(fault === undefined, why).toBe(!isSound(reason))
  return outcome()
}

async function bothOf<T>(attempt: Promise<T>, shown: Presented) {
  const settled = Promise.allSettled([attempt])
  const fault = await faultOf(shown)
  const [answered] = await settled
  const reason = answered.status === 'rejected' ? reasonOf(answered.reason) : undefined
  const outcome = (): T => {
    if (answered.status === 'rejected') throw answered.reason
    return answered.value
  }
  return { outcome, reason, fault }
}

function reasonOf(error: unknown): string {
  return isCountersignError(error) ? (error.reason ?? error.code) : String(error)
}

function isSound(reason: string | undefined): boolean {
  return reason === undefined || (ABOUT_POLICY.test(reason) && !ABOUT_CHAIN.has(reason))
}

function isException(
  reason: string | undefined,
  { policy: { revocation }, now, chain }: Presented,
): boolean {
  if (reason !== undefined && Object.hasOwn(STRICTER, reason)) return true
  const [leaf] = chain.map(({ cert }) => new X509Certificate(cert))
  // RFC 5280 lets a certificate without purposes do anything; our policies must say so.
  if (reason === 'client_auth_not_allowed' && leaf?.keyUsage === undefined) return true
  // RFC 5280, 4.1.2.5: the last second belongs to a certificate. openssl ends it before.
  if (leaf !== undefined && new Date(leaf.validTo).getTime() === now.getTime()) return true
  // What is fetched, and what is let in although nobody could tell, is not openssl's to know.
  return (
    revocation !== undefined && (revocation.crls === undefined || revocation.unknown === 'allow')
  )
}

/** Asks `openssl verify`, with everything that it must know in files. */
async function faultOf({ policy, now, chain }: Presented): Promise<Fault> {
  const { ca, revocation } = policy
  const [leaf, ...sent] = chain
  const folder = await aFolder()
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const crls = revocation?.crls
  const at = ['-attime', String(Math.floor(now.getTime() / 1000))]
  const lists =
    crls === undefined ? [] : ['-crl_check_all', '-CRLfile', await file('crls.pem', crls)]
  const untrusted = sent.map(({ cert }) => cert).join('\n')
  const others = untrusted === '' ? [] : ['-untrusted', await file('sent.pem', untrusted)]
  const trusted = ['-CAfile', await file('ca.pem', ca), '-no-CApath', '-no-CAstore']
  const strength = ['-auth_level', '2', '-purpose', 'sslclient']
  return openssl(
    'verify',
    ...[...at, ...strength, ...trusted, ...others, ...lists],
    await file('leaf.pem', leaf.cert),
  ).then(
    () => undefined,
    (error: unknown) => String(Reflect.get(Object(error), 'stderr') || error),
  )
}
