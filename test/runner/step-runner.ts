import { tmpdir } from 'node:os'
import type { Scaling } from '../../src/pipeline/process-spec.ts'
import type { RuntimeSpec } from '../../src/pipeline/runtime-spec.ts'
import type { LineOutput } from '../../src/telemetry/line-output.ts'
import { createRunner, type Located, type Runner } from '../../src/runner/runner.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A server that answers every request with its process id. */
export const server = `
  require('node:http').createServer((request, response) => response.end(String(process.pid)))
    .listen(process.env.PORT, process.env.HOST)`

/** One process, all the time. */
export const always: Scaling = {
  min: 1,
  max: 1,
  target: 8,
  concurrency: 1000,
  idleMs: 60_000,
  schedule: [],
  predictive: false
}

/** The spec of a process that runs the script, CommonJS, with the Node of the PATH. */
export function aProcess(script: string, spec: Partial<RuntimeSpec> = {}): RuntimeSpec {
  return {
    key: 'default/comments/filter',
    step: 'default/comments/filter',
    command: ['node', '-e', script],
    cwd: tmpdir(),
    env: {},
    readinessPath: undefined,
    readinessTimeoutMs: 30_000,
    desiredPhase: 'Running',
    proves: false,
    scaling: always,
    ...spec
  }
}

export interface TestRunner extends Runner {
  /** The lines that the processes wrote so far. */
  readonly lines: readonly string[]
  /** The fields of each warning in the log. */
  readonly warnings: readonly object[]
  /** The URL, as soon as the process is ready. */
  ready(key?: string): Promise<string>
  /** The reason, as soon as it is one like this. */
  unavailable(pattern: RegExp): Promise<string>
}

/** A runner of this process, already told to run it. */
export function startRunner(
  spec: RuntimeSpec,
  env: NodeJS.ProcessEnv = process.env,
  stopGraceMs = 10_000,
  maxProcesses = 64
): TestRunner {
  const lines: string[] = []
  const warnings: object[] = []
  const log = { info() {}, warn: (fields: object) => void warnings.push(fields) }
  const output: LineOutput = {
    write: text => void lines.push(...text.split('\n').slice(0, -1)),
    behind: false,
    caughtUp: () => Promise.resolve()
  }
  const runner = createRunner({ log, env: () => env, stopGraceMs, output, maxProcesses })
  runner.apply([spec])
  const find = (what: string, found: (located: Located) => string | undefined, key: string): Promise<string> =>
    waitFor(() => found(runner.locate(key)), { what, timeoutMs: 30_000 }).catch((cause: unknown) => {
      throw new Error(`${JSON.stringify(runner.locate(key))}\n${lines.join('\n')}`, { cause })
    })
  return {
    ...runner,
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
    lines,
    warnings,
    ready: (key = spec.key) => find('readiness', where => (where.kind === 'ready' ? where.url : undefined), key),
    unavailable: pattern =>
      find(
        `a reason like ${pattern}`,
        where => (where.kind === 'unavailable' && pattern.test(where.reason) ? where.reason : undefined),
        spec.key
      )
  }
}

/** The first match of the pattern in what the processes wrote, as soon as it is there. */
export const writtenLine = (runner: TestRunner, pattern: RegExp): Promise<RegExpExecArray> =>
  waitFor(() => runner.lines.map(line => pattern.exec(line)).find(match => match !== null), {
    what: `a line like ${pattern}`,
    timeoutMs: 30_000
  })
