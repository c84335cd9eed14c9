import { flowFor } from './origin.ts'
import type { Plan } from './plan.ts'

/** A pipeline as it is listed. */
export interface ServedPipeline {
  readonly namespace: string
  readonly name: string
  readonly url: string
  /** Names of its steps, in their order. */
  readonly steps: readonly string[]
}

/** The pipeline as it is listed by a gateway at the URL. */
export const servedPipeline = (plan: Plan, gatewayUrl: string): ServedPipeline => ({
  namespace: plan.namespace,
  name: plan.name,
  url: `${gatewayUrl}${plan.source}`,
  steps: flowFor(plan, 'caller')
    .filter(node => node.kind !== 'reply')
    .map(step => step.name)
})

/** Characters that steps get at least, before names are left out for them. */
const leastRoom = 20

/**
 * A line for each, for a terminal: its name, its URL, and as many of its steps as find room in so many characters. Where
 * names leave too little of it, the URLs say them.
 */
export function servedLines(pipelines: readonly ServedPipeline[], room = 100): string[] {
  const names = padded(
    pipelines.map(({ namespace, name }) => (namespace === 'default' ? name : `${namespace}/${name}`))
  )
  const urls = padded(pipelines.map(({ url }) => url))
  const withNames = (names[0] ?? '').length + (urls[0] ?? '').length + 2 * gap.length + leastRoom <= room
  return pipelines.map(({ steps }, i) => {
    const lead = [...(withNames ? [names[i]] : []), urls[i], ''].join(gap)
    return `${lead}${stepsText(steps, room - lead.length)}`.trimEnd()
  })
}

const gap = '  '

function padded(texts: readonly string[]): string[] {
  const width = Math.max(0, ...texts.map(text => text.length))
  return texts.map(text => text.padEnd(width))
}

/** `filter → sentiment → … 3 more`, where not all of them fit. */
function stepsText(steps: readonly string[], room: number): string {
  const all = steps.join(' → ')
  if (all.length <= room) return all
  for (let shown = steps.length - 1; shown > 0; shown--) {
    const text = `${steps.slice(0, shown).join(' → ')} → … ${steps.length - shown} more`
    if (text.length <= room) return text
  }
  const count = `${steps.length} steps`
  return count.length <= room ? count : ''
}
