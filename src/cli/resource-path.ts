import type { PipelineName } from './options/read-pipeline-name.ts'

const apis = '/apis/sluice.dev/v1alpha1'

/** Where the pipelines of all namespaces are on the admin plane, by their kinds. */
export const allResources = [`${apis}/servingpipelines`, `${apis}/pipelines`] as const

/** Where one pipeline is. */
export const resourcePath = ({ namespace, name }: PipelineName, kind = 'ServingPipeline'): string =>
  `${apis}/namespaces/${encodeURIComponent(namespace)}/${kind.toLowerCase()}s/${encodeURIComponent(name)}`

/** As a person writes it: without the usual namespace. */
export const shownName = ({ namespace, name }: PipelineName): string =>
  namespace === 'default' ? name : `${namespace}/${name}`
