/** A cloud of Azure, which issues for its tenants alone. */
export type Cloud = 'public' | 'us-government' | 'china'

/** Which of two forms a token has: it is the application that asks for it which chooses. */
export type TokenVersion = 'v1' | 'v2'

interface Names {
  readonly v1: string
  readonly v2: string
}

const CLOUDS: Readonly<Record<Cloud, Names>> = {
  public: { v1: 'https://sts.windows.net', v2: 'https://login.microsoftonline.com' },
  'us-government': { v1: 'https://sts.windows.net', v2: 'https://login.microsoftonline.us' },
  china: {
    v1: 'https://sts.chinacloudapi.cn',
    v2: 'https://login.partner.microsoftonline.cn',
  },
}

/** Who issues tokens of a tenant, exactly. */
export function issuerOf(cloud: Cloud, tenant: string, version: TokenVersion): string {
  const names = CLOUDS[cloud]
  return version === 'v1' ? `${names.v1}/${tenant}/` : `${names.v2}/${tenant}/v2.0`
}

/** Where the keys of a tenant lie, by the host of its cloud or by one that stands for it. */
export function keysAt(cloud: Cloud, tenant: string, host: string = CLOUDS[cloud].v2): string {
  return `${host}/${tenant}/discovery/v2.0/keys`
}
