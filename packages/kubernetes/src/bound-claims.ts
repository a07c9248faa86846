import type { Claims } from '@countersign/evidence'
import { isPlainObject } from '@countersign/evidence'
import type { ServiceAccount } from './service-account.ts'
import { readUsername } from './service-account.ts'

/** Reads whom a token of a service account says it is about; nothing where its own words disagree. */
export function readBoundClaims(claims: Claims): ServiceAccount | undefined {
  const account = readUsername(claims['sub'])
  const bound = claims['kubernetes.io']
  if (account === undefined || !isPlainObject(bound)) return undefined
  const { namespace, serviceaccount, pod, node } = bound
  if (!isPlainObject(serviceaccount) || namespace !== account.namespace) return undefined
  const { name, uid } = serviceaccount
  if (name !== account.name || typeof uid !== 'string') return undefined
  const podName = textIn(pod, 'name')
  const podUid = textIn(pod, 'uid')
  const nodeName = textIn(node, 'name')
  return {
    ...account,
    uid,
    ...(podName !== undefined && {
      pod: { name: podName, ...(podUid !== undefined && { uid: podUid }) },
    }),
    ...(nodeName !== undefined && { node: nodeName }),
  }
}

function textIn(value: unknown, name: string): string | undefined {
  const member = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return typeof member === 'string' ? member : undefined
}
