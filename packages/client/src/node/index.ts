export type { CertificateOptions } from './certificate-fetch.ts'
export { certificateFetch } from './certificate-fetch.ts'

export { socketFetch } from './socket-fetch.ts'
export { surroundingsOf } from './surroundings.ts'
