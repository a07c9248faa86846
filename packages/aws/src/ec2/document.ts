import { fromUtf8 } from '@countersign/core/plugin'
import { isPlainObject, parseStrictJson } from '@countersign/evidence'

/** An instance identity document: what AWS says of one instance, in its own words. */
export interface InstanceDocument {
  readonly accountId: string
  readonly region: string
  readonly instanceId: string
  readonly imageId: string
  readonly instanceType: string
  readonly availabilityZone: string
  /** When the instance was last started. */
  readonly pendingTime: Date
}

const FORMS = {
  accountId: /^\d{12}$/,
  region: /^[a-z0-9-]{1,32}$/,
  instanceId: /^i-[0-9a-f]{8,32}$/,
  imageId: /^ami-[0-9a-f]{8,32}$/,
  instanceType: /^[a-z0-9.-]{1,64}$/,
  availabilityZone: /^[a-z0-9-]{1,64}$/,
  pendingTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
} as const

/** Reads a document; undefined where it lacks what is needed. What else it holds (addresses, product codes) is not looked at. */
export function readDocument(content: Uint8Array): InstanceDocument | undefined {
  const json = fromUtf8(content)
  const read = json === undefined ? undefined : parseStrictJson(json)
  if (!isPlainObject(read)) return undefined
  const text = (name: keyof typeof FORMS): string => {
    const value = read[name]
    return typeof value === 'string' && FORMS[name].test(value) ? value : ''
  }
  const pendingTime = new Date(text('pendingTime'))
  const document = {
    accountId: text('accountId'),
    region: text('region'),
    instanceId: text('instanceId'),
    imageId: text('imageId'),
    instanceType: text('instanceType'),
    availabilityZone: text('availabilityZone'),
  }
  const isWhole = !Object.values(document).includes('') && !Number.isNaN(pendingTime.getTime())
  return isWhole ? { ...document, pendingTime } : undefined
}

/** What permission rules may refer to. */
export function attestedOf({
  accountId,
  pendingTime,
  ...rest
}: InstanceDocument): Readonly<Record<string, string>> {
  return { account: accountId, ...rest, pendingTime: pendingTime.toISOString() }
}
