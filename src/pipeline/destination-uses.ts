import type { Called } from './destinations-of.ts'
import type { AudienceUse, CallHeader, Destination, HeaderUse } from './destination.ts'

const noHeaders: readonly HeaderUse[] = []

/** The headers of destinations, each once: steps share the sink of their pipeline. */
export function headersIn(called: readonly Called[]): readonly HeaderUse[] {
  const seen = new Set<readonly CallHeader[]>()
  const uses: HeaderUse[] = []
  for (const { sender, destination } of called) {
    if (destination.kind === 'unresolved' || seen.has(destination.headers)) continue
    seen.add(destination.headers)
    uses.push(...destination.headers.map(header => ({ ...header, sender })))
  }
  return uses.length === 0 ? noHeaders : uses
}

const noAudiences: readonly AudienceUse[] = []

/** The audiences of destinations, each once. */
export function audiencesIn(called: readonly Called[]): readonly AudienceUse[] {
  const seen = new Set<Destination>()
  const uses: AudienceUse[] = []
  for (const { sender, destination } of called) {
    const audience = 'audience' in destination ? destination.audience : undefined
    if (audience === undefined || seen.has(destination)) continue
    seen.add(destination)
    uses.push({ sender, audience })
  }
  return uses.length === 0 ? noAudiences : uses
}

/** Says that no token goes to the destinations that want one; `undefined`: none does. */
export function unsentTokens(audiences: readonly AudienceUse[]): string | undefined {
  if (audiences.length === 0) return undefined
  const wanted = audiences.map(({ sender, audience }) => `"${audience}" (${sender})`)
  return `no token is sent for the audience ${wanted.join(', ')}: there is one on Kubernetes only`
}
