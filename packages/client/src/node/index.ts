export type { CertificateOptions } from './certificate-fetch.ts'
export { certificateFetch } from './certificate-fetch.ts'
