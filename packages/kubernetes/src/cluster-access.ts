/** The cluster that a process of the host's runs in, or may review tokens at. */
export interface ClusterAccess {
  /** The URL of its API server. */
  readonly host: string
  /** Read anew for every login: a kubelet replaces both files. */
  readonly readCa: () => Promise<string>
  readonly readToken: () => Promise<string>
}

/** What a pod finds in its environment. */
export interface PodEnvironment {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined
  readonly KUBERNETES_SERVICE_PORT?: string | undefined
}

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The access that every pod has to its own cluster, by its environment and its files: `inCluster(process.env, (path) =>
 * readFile(path, 'utf8'))`. The pod's service account must be allowed to create token reviews.
 */
export function inCluster(
  { KUBERNETES_SERVICE_HOST: name, KUBERNETES_SERVICE_PORT: port = '443' }: PodEnvironment,
  readFile: (path: string) => Promise<string>,
): ClusterAccess {
  if (name === undefined || name === '')
    throw new TypeError('inCluster() takes the environment of a pod')
  const host = name.includes(':') ? `[${name}]` : name
  return {
    host: `https://${host}:${port}`,
    readCa: () => readFile(`${FOLDER}/ca.crt`),
    readToken: async () => (await readFile(`${FOLDER}/token`)).trim(),
  }
}
