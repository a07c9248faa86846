export type { ClusterAccess, PodEnvironment } from './cluster-access.ts'
export { inCluster } from './cluster-access.ts'
export type { KubernetesCredential, KubernetesOptions } from './kubernetes.ts'
export { kubernetes } from './kubernetes.ts'
export type { KubernetesPolicy } from './policy.ts'
export type {
  AllowedServiceAccount,
  AllowedServiceAccounts,
  NamePattern,
} from './service-account.ts'
