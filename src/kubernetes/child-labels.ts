/** The labels that all children of Sluice have. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'sluice' } as const
export const pipelineLabel = 'sluice.dev/pipeline'
export const stepLabel = 'sluice.dev/step'
/** Of what is deployed for an entry of traffic, in place of the step: its own name, the step and the tag. */
export const canaryLabel = 'sluice.dev/canary'
export const canaryOfLabel = 'sluice.dev/canary-of'
export const tagLabel = 'sluice.dev/tag'

/** Selects the children of all pipelines. */
export const allChildren: string = Object.entries(managedBy)
  .map(each => each.join('='))
  .join()

/** Selects the children of the pipelines with this name. */
export const childrenOf = (pipeline: string): string => `${allChildren},${pipelineLabel}=${pipeline}`
