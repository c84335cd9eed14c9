import { eachHeader } from '../../pipeline/each-header.ts'
import { eachStep } from '../../pipeline/spec/each-step.ts'
import { isMapping } from '../../pipeline/spec/rule.ts'
import type { Finding } from '../../pipeline/validate/finding.ts'

const fault = (path: Finding['path'], message: string, hint: string): Finding => ({
  path,
  at: 'key',
  code: 'NOT_SUPPORTED',
  message,
  hint
})

/** The faults that a definition has on Kubernetes alone, where whoever writes it is not who runs the gateway. */
export function kubernetesFindings(spec: unknown): Finding[] {
  const findings: Finding[] = []
  for (const { path, step } of eachStep(isMapping(spec) ? spec['steps'] : undefined, ['spec', 'steps'])) {
    const { run } = step
    if (isMapping(run) && run['image'] === undefined) {
      findings.push(
        fault(
          [...path, 'run'],
          "needs an 'image': no process is started on Kubernetes",
          "or deploy it, and name its Service by 'ref'"
        )
      )
    }
  }
  for (const { path, value } of eachHeader(spec, ['spec'])) {
    if (!isMapping(value)) continue
    const { env, file } = value
    // No list of names or folders is whole: credentials of all kinds are mounted, set, and linked to.
    if (env !== undefined) {
      findings.push(fault([...path, 'env'], 'is a variable of the gateway itself', 'write {secretKeyRef: {name, key}}'))
    }
    if (file !== undefined) {
      findings.push(fault([...path, 'file'], 'is a file of the gateway itself', 'write {secretKeyRef: {name, key}}'))
    }
  }
  return findings
}
