import type { LoginSource, Provided } from '../source.ts'
import { provide } from '../source.ts'
import { assertionSource } from './assertion.ts'

/** Where a pod finds the token of its service account, unless one is projected elsewhere. */
export const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** An identity, and the projected token of a pod's service account. */
export interface KubernetesOptions {
  readonly identity: Provided
  /** Reads the projected token; the kubelet replaces it before it ends, so it is read anew for every login. */
  readonly token: Provided
}

/** Logs in by the service account of a pod. */
export function kubernetes({ identity, token }: KubernetesOptions): LoginSource {
  return assertionSource('kubernetes', 'kubernetes-auth', identity, () => provide(token))
}
