/** A resource of Azure, as the token of its identity names it; in lower case, because Azure compares so. */
export interface AzureResource {
  readonly subscription: string
  readonly resourceGroup: string
  /** `microsoft.compute/virtualmachines`, and its like. */
  readonly type: string
  readonly name: string
}

const ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourcegroups\/([^/]{1,90})\/providers\/([^/]{1,64}\/[^/]{1,64})\/([^/]{1,128})$(?!\n)/

/** Reads `xms_mirid`, the resource whose managed identity a token is of; nothing where it is no such text. */
export function readResource(mirid: unknown): AzureResource | undefined {
  if (typeof mirid !== 'string' || mirid.length > 512) return undefined
  const [, subscription, resourceGroup, type, name] = ID.exec(mirid.toLowerCase()) ?? []
  if (!subscription || !resourceGroup || !type || !name) return undefined
  return { subscription, resourceGroup, type, name }
}

export const VIRTUAL_MACHINE = 'microsoft.compute/virtualmachines'
export const SCALE_SET = 'microsoft.compute/virtualmachinescalesets'
