import { defaults } from '../../pipeline/defaults.ts'
import type { GatewayReport, GatewayStatus, Reports } from './gateway-report.ts'
import { cutMs, type Memory } from './pipeline-memory.ts'

/** The store may tell of a request a moment after it was accepted, in milliseconds. */
const lingerMs = 2_000

export interface FormerOptions {
  readonly key: string
  /** The `metadata.generation` of the definition. */
  readonly generation: number
  /** The names of all that runs for the pipeline although its definition does not have it any more. */
  readonly former: ReadonlySet<string>
  readonly graceSeconds: number | undefined
  readonly reports: Reports
}

/**
 * Whether the children of former definitions may go: each gateway that answers has the new definition, and no request of
 * an older one is open. One that does not answer is waited for as in a pause.
 */
export function mayFormerGo(
  memory: Memory,
  { key, generation, former, graceSeconds, reports }: FormerOptions
): boolean {
  const now = performance.now()
  if (memory.definition?.generation !== generation) memory.definition = { generation, seenAt: now, unusedAt: undefined }
  const { definition } = memory
  memory.former = former
  // The gateways are asked after this moment: what they said before does not count.
  if (reports.askedAt <= definition.seenAt) return false
  if (former.size === 0) return true
  const graceMs = (graceSeconds ?? defaults.pauseGracePeriodSeconds) * 1000
  const isLate = now > definition.seenAt + graceMs + cutMs
  const isUnused =
    reports.reports.every(report => !needs(report, key, former)) && (isLate || reports.silent.length === 0)
  definition.unusedAt = isUnused ? (definition.unusedAt ?? reports.askedAt) : undefined
  return definition.unusedAt !== undefined && reports.askedAt >= definition.unusedAt + lingerMs
}

/** A pipeline takes the steps of those that it nests along. */
function needs({ pipelines }: GatewayReport, key: string, former: ReadonlySet<string>): boolean {
  const around = new Set([key])
  for (const each of around) {
    for (const [name, { nests }] of pipelines) if (nests.has(each)) around.add(name)
  }
  return [...around].some(name => {
    const status = pipelines.get(name)
    return status !== undefined && isOlder(status, former)
  })
}

const isOlder = (
  { refs, phase, generations = [], conditions = [] }: GatewayStatus,
  former: ReadonlySet<string>
): boolean =>
  phase === 'RollingUpdate' ||
  generations.length > 0 ||
  conditions.some(({ reason }) => reason === 'NewGenerationNotReady') ||
  [...former].some(name => refs.has(name))
