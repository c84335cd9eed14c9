/** The labels that all children of Sluice have. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'sluice' } as const
export const pipelineLabel = 'sluice.dev/pipeline'
export const stepLabel = 'sluice.dev/step'

/** Selects the children of all pipelines. */
export const allChildren: string = Object.entries(managedBy)
  .map(each => each.join('='))
  .join()

/** Selects the children of the pipelines with this name. */
export const childrenOf = (pipeline: string): string => `${allChildren},${pipelineLabel}=${pipeline}`
