import { isMap, isSeq, type Document, type YAMLMap } from 'yaml'
import type { Conversion } from './converted.ts'

/** A Pipeline as one that is called: a sink that is a destination becomes its reply, where it is the only one. */
export const toServingPipeline: Conversion = (document, leave) => {
  document.set('kind', 'ServingPipeline')
  const sources = mappingsAt(document, 'sources')
  for (const index of sources.keys()) leave(`spec.sources[${index}]`, 'a ServingPipeline is called; it reads nowhere')
  const sinks = mappingsAt(document, 'sinks')
  document.deleteIn(['spec', 'sources'])
  document.deleteIn(['spec', 'sinks'])
  const [only] = sinks
  if (sinks.length === 1 && only !== undefined && (only.has('uri') || only.has('ref'))) {
    if (only.has('delivery')) leave('spec.sinks[0].delivery', "a reply has the delivery of the pipeline's spec")
    for (const field of ['name', 'delivery']) only.delete(field)
    document.setIn(['spec', 'reply'], only)
    return
  }
  for (const [index, sink] of sinks.entries()) leave(`spec.sinks[${index}]`, reasonFor(sink))
}

const reasonFor = (sink: YAMLMap): string =>
  sink.has('uri') || sink.has('ref')
    ? 'the reply of a ServingPipeline has one destination, and here are several sinks'
    : 'the reply of a ServingPipeline goes to a uri or ref only'

function mappingsAt(document: Document, field: string): YAMLMap[] {
  const list = document.getIn(['spec', field])
  return isSeq(list) ? list.items.filter(item => isMap(item)) : []
}
