import { textAnswer, type Answer } from '../http/answer.ts'

/** One thing that must be well for the gateway to be ready; `undefined`: it is, a text: what is wrong. */
export interface HealthCheck {
  readonly name: string
  readonly fault: () => string | undefined
}

/**
 * `/readyz` in the manner of Kubernetes: a line for each check, then the notes, when it is asked for them or something
 * is wrong.
 */
export function healthAnswer(checks: readonly HealthCheck[], notes: readonly string[], verbose: boolean): Answer {
  const results = checks.map(({ name, fault }) => ({ name, fault: fault() }))
  const ready = results.every(({ fault }) => fault === undefined)
  const lines = results.map(({ name, fault }) => (fault === undefined ? `[+] ${name} ok` : `[-] ${name}: ${fault}`))
  const text = ready && !verbose ? 'ok' : [...lines, ...notes, ready ? 'ready' : 'not ready'].join('\n')
  return textAnswer(ready ? 200 : 503, `${text}\n`)
}
