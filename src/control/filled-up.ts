import { keyOfClaim, nameless, type Claim } from './claims.ts'
import { keyOfKept, type KeptClaim } from './kept-sources.ts'

/** The claims of a source that cannot be read: what the store keeps of it. */
export const claimsOfAway = (kept: readonly KeptClaim[], away: string): Claim[] =>
  kept.map(claim => ({ ...claim, of: claim.definition.definition.kind, kind: 'file', faults: [], away }))

/** The claims of a source, with what the store keeps in place of definitions that are faulty. */
export function filledUp(claims: readonly Claim[], kept: readonly KeptClaim[]): Claim[] {
  const byKey = new Map(kept.map(claim => [keyOfKept(claim), claim]))
  const filled = claims.map(claim =>
    claim.definition === undefined ? { ...claim, definition: byKey.get(keyOfClaim(claim))?.definition } : claim
  )
  const lost = lostClaims(claims, kept)
  const known = new Set(lost.map(({ claimant }) => claimant))
  const isLost = ({ pipeline, claimant }: Claim): boolean => pipeline === nameless && known.has(claimant)
  return [...filled.filter(claim => !isLost(claim)), ...lost]
}

/** A file that is not YAML names nothing: the names that it brought last are those that it is kept with. */
function lostClaims(claims: readonly Claim[], kept: readonly KeptClaim[]): Claim[] {
  const named = new Set(claims.map(keyOfClaim))
  const faulty = claims.filter(({ faults }) => faults.length > 0)
  return kept.flatMap((claim): Claim[] => {
    const own = faulty.find(({ claimant }) => claimant === claim.claimant)
    if (named.has(keyOfKept(claim)) || own === undefined) return []
    return [{ ...claim, of: claim.definition.definition.kind, kind: 'file', faults: own.faults, away: undefined }]
  })
}
