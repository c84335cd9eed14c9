import { errorKinds } from '../../src/errors.ts'

/** Reads the log of a gateway as it comes, and keeps what should not be there. */
export interface LogJudge {
  readonly judge: (line: string) => void
  /** How many lines there were. */
  readonly lines: number
  /** Lines that tell of a defect, are no JSON, or give a secret away. */
  readonly faults: readonly string[]
}

const errorLevel = 50
const shownLength = 2_000

export function createLogJudge(secret: string): LogJudge {
  const faults: string[] = []
  const state = { lines: 0 }
  return {
    judge(line) {
      state.lines++
      const fault = line.includes(secret) ? 'a secret in the log' : faultOf(line)
      if (fault !== undefined) faults.push(`${fault}: ${line.slice(0, shownLength)}`)
    },
    get lines() {
      return state.lines
    },
    faults
  }
}

function faultOf(line: string): string | undefined {
  const entry = parsed(line)
  if (entry === undefined) return 'a line of the log that is no JSON'
  const { level, msg, err } = entry
  if (typeof level !== 'number' || typeof msg !== 'string') return 'a line of the log without level and message'
  if (level < errorLevel && !msg.includes('defect')) return undefined
  // A sink that refuses a dead letter is an error too, and none of the gateway.
  const code = err?.code
  return typeof code === 'string' && code !== 'INTERNAL' && Object.hasOwn(errorKinds, code)
    ? undefined
    : 'the log tells of a defect'
}

interface Entry {
  readonly level?: unknown
  readonly msg?: unknown
  readonly err?: { readonly code?: unknown }
}

function parsed(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}
