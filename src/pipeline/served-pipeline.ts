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
export const servedPipeline = ({ namespace, name, source, flow }: Plan, gatewayUrl: string): ServedPipeline => ({
  namespace,
  name,
  url: `${gatewayUrl}${source}`,
  steps: flow.filter(node => node.kind !== 'reply').map(step => step.name)
})

/** Characters in a line, where all else in it is short enough. */
const lineLength = 100

/** A line for each, for a terminal: its name, its URL and its steps. */
export function servedLines(pipelines: readonly ServedPipeline[]): string[] {
  const names = pipelines.map(({ namespace, name }) => (namespace === 'default' ? name : `${namespace}/${name}`))
  const width = (texts: readonly string[]): number => Math.max(0, ...texts.map(text => text.length))
  const nameWidth = width(names)
  const urlWidth = width(pipelines.map(({ url }) => url))
  return pipelines.map(({ url, steps }, i) => {
    const lead = `${(names[i] ?? '').padEnd(nameWidth)}  ${url.padEnd(urlWidth)}  `
    return `${lead}${stepsText(steps, lineLength - lead.length)}`
  })
}

/** `filter → sentiment → … 3 more`, where not all of them fit. */
function stepsText(steps: readonly string[], room: number): string {
  const all = steps.join(' → ')
  if (all.length <= room) return all
  for (let shown = steps.length - 1; shown > 0; shown--) {
    const text = `${steps.slice(0, shown).join(' → ')} → … ${steps.length - shown} more`
    if (text.length <= room) return text
  }
  return `${steps.length} steps`
}
