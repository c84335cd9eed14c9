import { isMap } from 'yaml'
import { eachStep } from '../pipeline/spec/each-step.ts'
import type { Conversion } from './converted.ts'

/** A ServingPipeline as one that nobody calls: its reply goes to the one sink. */
export const toPipeline: Conversion = (document, leave) => {
  document.set('kind', 'Pipeline')
  const reply = document.getIn(['spec', 'reply'])
  if (!isMap(reply)) return
  document.deleteIn(['spec', 'reply'])
  if (hasStepCalledSinks(document.toJS())) {
    leave('spec.reply', "a step is called 'sinks', as the sinks of a Pipeline are: rename it first")
    return
  }
  reply.items.unshift(document.createPair('name', 'reply'))
  document.setIn(['spec', 'sinks'], document.createNode([reply]))
}

function hasStepCalledSinks({ spec }: { readonly spec: { readonly steps: unknown } }): boolean {
  for (const { step } of eachStep(spec.steps, ['steps'])) if (step['name'] === 'sinks') return true
  return false
}
