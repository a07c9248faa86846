import type { Certificate } from '../certificate/certificate.ts'
import { isSelfIssued } from '../certificate/certificate.ts'
import type { Path, PathDemands, PathFault } from './judge-path.ts'
import { refusePath } from './judge-path.ts'

/** The authorities of a policy: where a path may end, and what may stand in between. */
export interface Trust {
  readonly anchors: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
}

/** A path that holds, or why the last one tried does not. */
export type Found =
  | { readonly path: Path }
  | { readonly fault: PathFault | 'unknown_authority' | 'path_too_winding' }

/** Certificates of one path, the client's own among them. */
const LONGEST_PATH = 10
/** Signatures that one login may cost: crossed authorities make more paths than anybody can walk. */
const MOST_SIGNATURES = 64

/** Sorts the authorities of a policy: who was issued by another of them is no end of a path, whose rules would be skipped. */
export function toTrust(authorities: readonly Certificate[]): Trust {
  const isAnchor = (one: Certificate): boolean =>
    isSelfIssued(one) || !authorities.some((other) => other !== one && hasSigned(other, one))
  return {
    anchors: authorities.filter(isAnchor),
    intermediates: authorities.filter((one) => !isAnchor(one)),
  }
}

/** Finds a path from a client's certificate to an authority, by every way that there is, within a bound. */
export function findPath(
  leaf: Certificate,
  sent: readonly Certificate[],
  { anchors, intermediates }: Trust,
  demands: PathDemands,
): Found {
  const candidates = [...anchors, ...intermediates, ...sent]
  let fault: PathFault | 'unknown_authority' = 'unknown_authority'
  let signatures = 0

  /** Depth first; an authority of the policy ends a path, whoever may have signed it as well. */
  function walk(path: Path): Path | undefined {
    if (path.length >= LONGEST_PATH) return undefined
    for (const issuer of candidates) {
      if (!continues(path, issuer)) continue
      const longer: Path = [...path, issuer]
      const found = anchors.includes(issuer) ? judged(longer) : walk(longer)
      if (found !== undefined) return found
    }
    return undefined
  }

  function continues(path: Path, issuer: Certificate): boolean {
    const last = path.at(-1) ?? leaf
    if (issuer.subject !== last.issuer || isOn(path, issuer)) return false
    signatures += 1
    return signatures <= MOST_SIGNATURES && hasSigned(issuer, last)
  }

  function judged(path: Path): Path | undefined {
    const refused = refusePath(path, demands)
    if (refused === undefined) return path
    fault = refused
    return undefined
  }

  if (leaf.isAuthority) return { fault: 'certificate_is_authority' }
  const path = walk([leaf])
  if (path !== undefined) return { path }
  return { fault: signatures > MOST_SIGNATURES ? 'path_too_winding' : fault }
}

/** One key is on a path once, however many certificates it has. */
function isOn(path: Path, { keyFingerprint, subject }: Certificate): boolean {
  return path.some((one) => one.keyFingerprint === keyFingerprint && one.subject === subject)
}

function hasSigned(issuer: Certificate, certificate: Certificate): boolean {
  if (issuer.subject !== certificate.issuer) return false
  try {
    return certificate.native.verify(issuer.native.publicKey)
  } catch {
    // OpenSSL throws where a key and a signature are of different kinds.
    return false
  }
}
