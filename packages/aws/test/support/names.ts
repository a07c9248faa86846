export const ACCOUNT = '111111111111'
export const AUDIENCE = 'https://id.example.com'
export const AUDIENCE_HEADER = 'x-countersign-audience'
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/app`
export const HOME = { address: '127.0.0.1' }
