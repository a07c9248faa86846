/** A part of AWS with accounts, regions and names of its own. The same account number in two of them is two customers. */
export type AwsPartition =
  | 'aws'
  | 'aws-cn'
  | 'aws-us-gov'
  | 'aws-iso'
  | 'aws-iso-b'
  | 'aws-iso-e'
  | 'aws-iso-f'
  | 'aws-eusc'

/** Where a host of STS stands: what is signed for it must be scoped to its region. */
export interface StsHost {
  readonly host: string
  readonly partition: AwsPartition
  readonly region: string
}

/** The hosts of STS that are known, by name, and the usual one of each region. */
export interface StsHosts {
  readonly find: (host: string) => StsHost | undefined
  /** The host of a region for whoever names none, as the Rust SDK of Infisical does. */
  readonly ofRegion: (region: string) => StsHost | undefined
}

interface Partition {
  readonly suffix: string
  /** The suffix of hosts that speak IPv6 as well. */
  readonly dualStack?: string
  readonly regions: readonly string[]
  /** Regions with a `sts-fips` host. */
  readonly fips?: readonly string[]
}

const PARTITIONS: Readonly<Record<AwsPartition, Partition>> = {
  aws: {
    suffix: 'amazonaws.com',
    dualStack: 'api.aws',
    regions: [
      ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1'],
      ...['mx-central-1', 'sa-east-1', 'af-south-1', 'il-central-1', 'me-central-1', 'me-south-1'],
      ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1'],
      ...['eu-west-2', 'eu-west-3', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2'],
      ...['ap-northeast-3', 'ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2'],
      ...['ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6'],
      'ap-southeast-7',
    ],
    fips: ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
  },
  'aws-cn': {
    suffix: 'amazonaws.com.cn',
    dualStack: 'api.amazonwebservices.com.cn',
    regions: ['cn-north-1', 'cn-northwest-1'],
  },
  'aws-us-gov': {
    suffix: 'amazonaws.com',
    dualStack: 'api.aws',
    regions: ['us-gov-east-1', 'us-gov-west-1'],
  },
  'aws-iso': { suffix: 'c2s.ic.gov', regions: ['us-iso-east-1', 'us-iso-west-1'] },
  'aws-iso-b': { suffix: 'sc2s.sgov.gov', regions: ['us-isob-east-1', 'us-isob-west-1'] },
  'aws-iso-e': { suffix: 'cloud.adc-e.uk', regions: ['eu-isoe-west-1'] },
  'aws-iso-f': { suffix: 'csp.hci.ic.gov', regions: ['us-isof-east-1', 'us-isof-south-1'] },
  'aws-eusc': {
    suffix: 'amazonaws.eu',
    dualStack: 'api.amazonwebservices.eu',
    regions: ['eusc-de-east-1'],
  },
}

/** Every partition. */
export const AWS_PARTITIONS = Object.keys(PARTITIONS) as readonly AwsPartition[]

/** The host without a region: what is signed for it is scoped to us-east-1. */
const GLOBAL: StsHost = { host: 'sts.amazonaws.com', partition: 'aws', region: 'us-east-1' }

/** Whether a text may be the name of a region; it never becomes part of a host unless the operator listed it. */
export function isRegionName(text: string): boolean {
  return /^[a-z]{2,5}(?:-[a-z]{2,10}){1,3}-\d{1,2}$/.test(text)
}

/**
 * Creates the table of hosts. A host is looked up in it, never put together from what a caller said (CVE-2025-49827).
 *
 * `regions` replaces those of a partition, in order to admit fewer, or one that is new. Throws a `TypeError` for a
 * name that is none.
 */
export function createStsHosts(
  regions: Partial<Readonly<Record<AwsPartition, readonly string[]>>> = {},
): StsHosts {
  const wrong = Object.values(regions)
    .flat()
    .find((region) => !isRegionName(region))
  if (wrong !== undefined) throw new TypeError('aws() takes names of regions: eu-west-1')
  const byHost = new Map<string, StsHost>()
  const byRegion = new Map<string, StsHost>()
  for (const partition of AWS_PARTITIONS) {
    const known = PARTITIONS[partition]
    for (const region of regions[partition] ?? known.regions)
      for (const host of hostsOf(known, region)) {
        const entry = { host, partition, region }
        byHost.set(host, entry)
        if (!byRegion.has(region)) byRegion.set(region, entry)
      }
  }
  if (byRegion.get(GLOBAL.region)?.partition === 'aws') byHost.set(GLOBAL.host, GLOBAL)
  return { find: (host) => byHost.get(host), ofRegion: (region) => byRegion.get(region) }
}

/** The usual host first. */
function hostsOf({ suffix, dualStack, fips = [] }: Partition, region: string): readonly string[] {
  const isFips = fips.includes(region)
  return [
    `sts.${region}.${suffix}`,
    ...(isFips ? [`sts-fips.${region}.${suffix}`] : []),
    ...(dualStack === undefined ? [] : [`sts.${region}.${dualStack}`]),
    ...(isFips && dualStack !== undefined ? [`sts-fips.${region}.${dualStack}`] : []),
  ]
}
