import { randomUUID } from 'node:crypto'
import type { FakeAnswer } from './server.ts'

/** What STS refuses with. */
export type StsErrorCode = keyof typeof ERRORS

/** Codes, statuses and sentences as AWS documents and sends them. */
const ERRORS = {
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  ],
  InvalidClientTokenId: [403, 'The security token included in the request is invalid.'],
  ExpiredToken: [403, 'The security token included in the request is expired'],
  AccessDenied: [403, 'Access denied'],
  MissingAuthenticationToken: [403, 'Request is missing Authentication Token'],
  IncompleteSignature: [400, 'Authorization header requires a whole signature.'],
  RequestExpired: [400, 'Request has expired.'],
  InvalidAction: [400, 'Could not find operation for version 2011-06-15'],
  Throttling: [400, 'Rate exceeded'],
  InternalFailure: [500, 'An internal error has occurred.'],
  ServiceUnavailable: [503, 'The service is unavailable.'],
} as const

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const XML = { 'content-type': 'text/xml' }

/** An error of STS, in XML or in JSON. */
export function stsError(code: StsErrorCode, isJson = false): FakeAnswer {
  const [status, message] = ERRORS[code]
  const type = status >= 500 ? 'Receiver' : 'Sender'
  const id = randomUUID()
  if (isJson) {
    const body = { Error: { Code: code, Message: message, Type: type }, RequestId: id }
    return { status, body: JSON.stringify(body) }
  }
  return {
    status,
    headers: XML,
    body: `<ErrorResponse xmlns="${NAMESPACE}">
  <Error>
    <Type>${type}</Type>
    <Code>${code}</Code>
    <Message>${message}</Message>
  </Error>
  <RequestId>${id}</RequestId>
</ErrorResponse>
`,
  }
}

/** What STS says of who signed, in XML or in JSON. */
export function identityAnswer(
  {
    arn,
    userId,
    account,
  }: { readonly arn: string; readonly userId: string; readonly account: string },
  isJson = false,
): FakeAnswer {
  const id = randomUUID()
  if (isJson) {
    const body = {
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: { Account: account, Arn: arn, UserId: userId },
        ResponseMetadata: { RequestId: id },
      },
    }
    return { status: 200, body: JSON.stringify(body) }
  }
  return {
    status: 200,
    headers: XML,
    body: `<GetCallerIdentityResponse xmlns="${NAMESPACE}">
  <GetCallerIdentityResult>
    <Arn>${arn}</Arn>
    <UserId>${userId}</UserId>
    <Account>${account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>${id}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`,
  }
}
