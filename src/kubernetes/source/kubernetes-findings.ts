import { eachHeader } from '../../pipeline/each-header.ts'
import { eachStep } from '../../pipeline/spec/each-step.ts'
import { isMapping } from '../../pipeline/spec/rule.ts'
import type { Finding } from '../../pipeline/validate/finding.ts'

/** The folder of the gateway's own service account, and what else of it a definition must not read. */
const ownFiles = /^\/(var\/run\/secrets|run\/secrets|proc|etc\/sluice)(\/|$)/

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
    if (typeof env === 'string' && env.startsWith('SLUICE_')) {
      findings.push(fault([...path, 'env'], 'is a variable of the gateway itself', 'write {secretKeyRef: {name, key}}'))
    }
    if (typeof file === 'string' && ownFiles.test(file)) {
      findings.push(fault([...path, 'file'], 'is a file of the gateway itself', 'write {secretKeyRef: {name, key}}'))
    }
  }
  return findings
}
