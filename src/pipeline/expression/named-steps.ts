import jsonata from 'jsonata'
import { compileProgram } from './compile-program.ts'
import { syntaxNodes } from './syntax-nodes.ts'

/** The names of steps whose replies an expression asks for: `$steps.NAME`. None for one that does not compile. */
export function namedSteps(source: string): readonly string[] {
  if (!source.includes('$steps')) return []
  const nodes = [...nodesOf(source)]
  return nodes.some(bindsSteps) ? [] : nodes.flatMap(nameIn)
}

function nodesOf(source: string): Iterable<Node> {
  try {
    return [...syntaxNodes(compileProgram(jsonata, source, 0).ast())].filter(isNode)
  } catch {
    return []
  }
}

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

function nameIn({ type, steps }: Node): readonly string[] {
  if (type !== 'path' || !Array.isArray(steps)) return []
  return steps.flatMap((step: unknown, i) => {
    const next: unknown = steps[i + 1]
    return isSteps(step) && isNode(next) && next['type'] === 'name' ? [String(next['value'])] : []
  })
}

/** An expression may have a variable of this name of its own. */
const bindsSteps = ({ type, lhs, arguments: given }: Node): boolean =>
  (type === 'bind' && isSteps(lhs)) || (type === 'lambda' && Array.isArray(given) && given.some(isSteps))

const isSteps = (value: unknown): boolean => isNode(value) && value['type'] === 'variable' && value['value'] === 'steps'
