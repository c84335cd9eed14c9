import { guardBelowData } from './below-data.ts'
import { toExpressionFailure } from './expression-failure.ts'
import { isTruthy } from './is-truthy.ts'
import { plainJsonText } from './plain-json.ts'
import type { Job, RunJob } from './realm.ts'
import { Refusal } from './refusal.ts'
import { eventAt, type LateData, type OpaqueData, type Scope } from './scope.ts'
import type { Task, TaskEnd } from './task.ts'

type Made =
  Pick<Extract<TaskEnd, { kind: 'truth' }>, 'kind' | 'truth'> | Omit<Extract<TaskEnd, { kind: 'value' }>, 'cpuMs'>

/** Does one task; the time counts from the evaluation to the JSON of its value. */
export function runTask(task: Task, run: RunJob): TaskEnd {
  const before = process.threadCpuUsage()
  const cpuMs = (): number => millisecondsSince(before)
  try {
    const scope = openScope(task.scope)
    const make = task.wants === 'truth' ? makeTruth : makeValue
    const job: Job<Made> = { source: task.source, scope, guard: guardBelowData(scope), make }
    const made = runByProcessorTime(job, run, task.milliseconds, task.milliseconds * (task.brisk ? 4 : 64))
    return { ...made, cpuMs: cpuMs() }
  } catch (thrown) {
    if (task.brisk && isTimeout(thrown)) return { kind: 'overrun', cpuMs: cpuMs() }
    const { code, message } = toExpressionFailure(task.source, thrown)
    return { kind: 'failed', code, message, cpuMs: cpuMs() }
  }
}

/**
 * The watchdog knows the clock only, and on a busy machine time passes without us: what got less than most of its
 * processor time is run again, for longer.
 */
function runByProcessorTime<T>(job: Job<T>, run: RunJob, milliseconds: number, most: number): T {
  for (let patience = milliseconds; ; patience *= 2) {
    const before = process.threadCpuUsage()
    try {
      return run(job, patience)
    } catch (thrown) {
      const had = millisecondsSince(before)
      if (!isTimeout(thrown) || had >= milliseconds * 0.8 || patience >= most) throw thrown
    }
  }
}

const makeTruth = (value: unknown): Made => ({ kind: 'truth', truth: isTruthy(value) })

function makeValue(value: unknown): Made {
  const json = plainJsonText(value)
  const isEvent = typeof value === 'object' && value !== null && 'specversion' in value
  return { kind: 'value', json: json === undefined ? undefined : new TextEncoder().encode(json), isEvent }
}

/** The scope with all of its data parsed. */
function openScope(scope: Scope): Scope {
  const found = scope.late.map(late => openData(scope, late))
  return { ...scope, opaque: [...scope.opaque, ...found.filter(one => one !== undefined)] }
}

function openData(scope: Scope, { place, label, octets, declared }: LateData): OpaqueData | undefined {
  const event = eventAt(scope, place) as Record<string, unknown>
  const text = decoder.decode(octets)
  try {
    event['data'] = JSON.parse(text)
    return undefined
  } catch {
    if (declared) throw new Refusal('the data is declared as JSON and is not')
    event['data'] = text
    return { place, label }
  }
}

const decoder = new TextDecoder()

function millisecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const isTimeout = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
