/** The kinds that definitions can be made of. */
export const kinds = ['ServingPipeline', 'Pipeline'] as const

export type Kind = (typeof kinds)[number]

/** The kinds of others, which this version cannot convert yet. */
export const refusedKinds: readonly string[] = [
  'Sequence',
  'Parallel',
  'InferenceGraph',
  'numaflow/ServingPipeline',
  'numaflow/Pipeline',
  'seldon/Pipeline'
]

export const isKind = (name: string): name is Kind => kinds.some(kind => kind === name)
