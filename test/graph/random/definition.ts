import { compile } from '../../../src/pipeline/compile.ts'
import type { Plan } from '../../../src/pipeline/plan.ts'
import { readPipelines } from '../../../src/pipeline/read-pipelines.ts'
import { pipelineText } from '../../helpers/gateway.ts'
import type { Choice, Graph, GraphNode } from './graph.ts'

/** The data that stands in for a step that failed. */
export const fallbackOf = (name: string): string => `instead of ${name}`

/** A graph as a person would write it: `test`, and a pipeline for each that it nests. */
export function definitionsOf(graph: Graph, url: string): readonly string[] {
  const others: string[] = []
  const steps = graph.map(node => written(node, url, others))
  return [pipelineText(steps, { limits: { maxDeliveries: 1_000 }, delivery: { retry: 0 } }), ...others]
}

/** The plan of `test`. */
export function planOf(graph: Graph): Plan {
  const text = definitionsOf(graph, 'http://127.0.0.1:1').join('\n---\n')
  const { wholes: pipelines, faults } = readPipelines([{ file: 'random.yaml', text }])
  const [first] = pipelines
  if (first === undefined || faults.length > 0) throw new Error(JSON.stringify(faults))
  const specs = new Map(pipelines.map(({ name, definition }) => [`default/${name}`, definition.spec]))
  const find = (key: string) => {
    const spec = specs.get(key)
    return spec && { spec, baseDir: '/' }
  }
  return compile(first.definition, { baseDir: '/', resolve: new Map(), find })
}

type Written = Record<string, unknown>

function written(node: GraphNode, url: string, others: string[]): Written {
  const { name, when, input, onEmpty, onFailure } = node
  const remedy = onFailure === 'data' ? { fallback: { data: fallbackOf(name) } } : onFailure
  const body = (steps: Graph): Written[] => steps.map(step => written(step, url, others))
  const choice = ({ steps, ...rest }: Choice): Written => ({
    name: rest.name,
    when: String(rest.when),
    steps: body(steps)
  })
  const all = { name, when: String(when), onFailure: remedy }
  const most = { ...all, input, onEmpty }
  switch (node.kind) {
    case 'call':
      return { ...most, uri: `${url}/${name}` }
    case 'transform':
      return { ...all, transform: JSON.stringify(`made by ${name}`) }
    case 'switch':
      return {
        ...most,
        switch: node.choices.map(choice),
        ...(node.otherwise !== undefined && { otherwise: body(node.otherwise) })
      }
    case 'split': {
      const weighed = node.choices.map(({ name: choiceName, steps }, i) => ({
        name: choiceName,
        weight: i === node.chosen ? 1 : 0,
        steps: body(steps)
      }))
      return { ...most, split: weighed }
    }
    case 'pipeline':
      others.push(pipelineText(body(node.steps)).replace('"name":"test"', `"name":"p-${name}"`))
      return { ...most, pipeline: `p-${name}` }
    case 'parallel':
      return {
        ...most,
        parallel: { join: node.join, require: node.require, branches: node.branches.map(choice) }
      }
  }
}
