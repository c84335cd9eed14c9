import { stringify } from 'yaml'
import { customResourceDefinitions } from '../../kubernetes/crd/custom-resource-definitions.ts'

/** One YAML document for each, without aliases. */
export const crdText = (): string =>
  customResourceDefinitions()
    .map(definition => stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n')
