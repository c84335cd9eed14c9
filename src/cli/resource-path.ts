import type { PipelineName } from './options/read-pipeline-name.ts'

const apis = '/apis/sluice.dev/v1alpha1'

/** Where the pipelines of all namespaces are on the admin plane. */
export const allResources = `${apis}/servingpipelines`

/** Where one pipeline is. */
export const resourcePath = ({ namespace, name }: PipelineName): string =>
  `${apis}/namespaces/${encodeURIComponent(namespace)}/servingpipelines/${encodeURIComponent(name)}`

/** As a person writes it: without the usual namespace. */
export const shownName = ({ namespace, name }: PipelineName): string =>
  namespace === 'default' ? name : `${namespace}/${name}`
