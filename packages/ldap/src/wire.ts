import type { WireMapping } from '@countersign/core/plugin'

/** What `ldap` is called on Infisical's wire. */
export const ldapWire: WireMapping = {
  slug: 'ldap-auth',
  settings: 'identityLdapAuth',
  also: ['lockout'],
  login: {
    username: { to: 'username', as: 'text', longest: 256 },
    password: { to: 'password', as: 'text', longest: 512, mayBeEmpty: true },
  },
  policy: {
    url: { to: 'urls', as: 'texts' },
    bindDN: { to: 'bindDn', as: 'text' },
    bindPass: { to: 'bindPassword', as: 'text' },
    searchBase: { to: 'searchBase', as: 'text' },
    searchFilter: { to: 'searchFilter', as: 'text' },
    ldapCaCertificate: { to: 'ca', as: 'text' },
    allowedFields: { to: 'allowedFields', as: 'fields' },
  },
  template: ['url', 'bindDN', 'bindPass', 'searchBase', 'ldapCaCertificate'],
}
