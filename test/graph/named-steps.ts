import { createGate, type Gate } from '../helpers/gate.ts'
import { startStep, type RecordedRequest, type StepAnswer } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A step of a name answers with a status, JSON data, an answer as it is, or silence. */
export type NamedAnswer = number | { readonly json: unknown } | StepAnswer | 'empty' | 'hangs'

/** A server whose steps are known by the last segment of their URL. */
export interface NamedSteps extends AsyncDisposable {
  readonly url: string
  /** Calls in the order of their coming. */
  readonly calls: readonly RecordedRequest[]
  /** The names of the calls, in order. */
  readonly names: readonly string[]
  /** A step as a person would write it. */
  step(name: string, options?: Record<string, unknown>): Record<string, unknown>
  /** From now on the step answers so; it begins with the name of the step as JSON. */
  answers(name: string, answer: NamedAnswer | ((request: RecordedRequest) => NamedAnswer)): void
  /** Calls of the step wait until the gate is open. */
  gate(name: string): Gate
  /** How often the step was called. */
  count(name: string): number
  waitForCall(name: string, count?: number): Promise<RecordedRequest>
}

export async function startNamedSteps(): Promise<NamedSteps> {
  const answers = new Map<string, NamedAnswer | ((request: RecordedRequest) => NamedAnswer)>()
  const gates = new Map<string, Gate>()
  const server = await startStep(async request => {
    const name = nameOf(request)
    await gates.get(name)?.opened
    const given = answers.get(name) ?? { json: name }
    const answer = typeof given === 'function' ? given(request) : given
    if (answer === 'hangs') return new Promise<never>(() => {})
    if (answer === 'empty') return 204
    if (typeof answer === 'object' && 'json' in answer) {
      return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer.json) }
    }
    return answer
  })
  const callsOf = (name: string) => server.requests.filter(request => nameOf(request) === name)
  return {
    url: server.url,
    calls: server.requests,
    get names() {
      return server.requests.map(nameOf)
    },
    step: (name, options = {}) => ({ name, uri: `${server.url}/${name}`, ...options }),
    answers: (name, answer) => void answers.set(name, answer),
    gate: name => {
      const gate = createGate()
      gates.set(name, gate)
      return gate
    },
    count: name => callsOf(name).length,
    waitForCall: (name, count = 1) =>
      waitFor(() => callsOf(name)[count - 1], { what: `call ${count} of the step ${name}` }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}

const nameOf = ({ url }: RecordedRequest): string => new URL(url, 'http://step').pathname.slice(1)
