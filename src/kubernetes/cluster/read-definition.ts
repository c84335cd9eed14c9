import type { ReadFile } from '../../control/definition-source.ts'
import { changeTexts } from '../../pipeline/filled-texts.ts'
import type { WrittenPipeline } from '../../pipeline/spec/serving-pipeline.ts'
import { pathText, type Finding } from '../../pipeline/validate/finding.ts'
import { validateDocument } from '../../pipeline/validate/validate-document.ts'
import { withServices } from '../deployed-steps.ts'
import type { KubernetesObject, ObjectMeta } from '../client/object.ts'
import { kubernetesFindings } from './kubernetes-findings.ts'

export interface DefinitionObject extends KubernetesObject {
  readonly spec?: unknown
}

/** It has the whole definition once more. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** An object as a file with one definition, or with its faults. Objects of a list do not say their kind themselves. */
export function readDefinition({ metadata, spec }: DefinitionObject, kind: string): ReadFile {
  const { name, namespace = 'default' } = metadata
  const pipeline = `${namespace}/${name}`
  const file = `${kind.toLowerCase()}/${pipeline}`
  const document = { apiVersion: 'sluice.dev/v1alpha1', kind, metadata: shortMeta(metadata), spec }
  const validated = validateDocument(document, undefined)
  const findings = [...(validated.kind === 'faulty' ? validated.findings : []), ...kubernetesFindings(spec)]
  if (validated.kind === 'faulty' || findings.length > 0) {
    const faults = findings.map(({ path, code, message, hint }: Finding) => {
      return { file, line: 1, column: 1, path: pathText(path), pipeline, code, message, hint }
    })
    return { file, pipelines: [], faults }
  }
  const definition = withoutReferences(asServed(validated.definition))
  return { file, pipelines: [{ file, line: 1, column: 1, namespace, name, definition }], faults: [] }
}

/** A deployed step is called by the name of its Service. */
function asServed(definition: WrittenPipeline): WrittenPipeline {
  const spec = withServices(definition.metadata.name, definition.spec)
  return spec === definition.spec ? definition : { ...definition, spec }
}

/** The part of it that a person wrote. */
function shortMeta({ name, namespace, labels, annotations = {} }: ObjectMeta) {
  const own = Object.entries(annotations).filter(([key]) => key !== lastApplied)
  return {
    name,
    namespace,
    ...(labels !== undefined && { labels }),
    ...(own.length > 0 && { annotations: Object.fromEntries(own) })
  }
}

/** Here `${NAME}` is text: whoever may write a definition may not read the environment of the gateway. */
function withoutReferences(definition: WrittenPipeline): WrittenPipeline {
  const spec = changeTexts(definition.spec, [], text => text.replaceAll('${', () => '$${'))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts became texts
  return spec === definition.spec ? definition : { ...definition, spec: spec as WrittenPipeline['spec'] }
}
