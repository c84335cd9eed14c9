import type { RunSpec } from '../../pipeline/spec/process-spec.ts'

/** The pod of a step, with its one container. */
export const podOf = ({ nodeSelector, tolerations }: RunSpec, container: unknown) => ({
  enableServiceLinks: false,
  automountServiceAccountToken: false,
  containers: [container],
  ...(nodeSelector !== undefined && { nodeSelector }),
  ...(tolerations !== undefined && { tolerations })
})
