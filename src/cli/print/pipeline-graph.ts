import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'

/** A line of the drawing, with those below it. */
interface Branch {
  readonly name: string
  readonly note: string
  readonly inside: readonly Branch[]
}

/** Draws a pipeline as text: its steps from top to bottom, those inside a step below it and further to the right. */
export function pipelineGraph(name: string, resource: Fields): string {
  const spec = mapping(resource['spec'])
  const states = statesOf(mapping(resource['status'])['steps'])
  const reply = isMapping(spec['reply']) ? [{ name: 'reply', note: targetOf(spec['reply']), inside: [] }] : []
  const steps = [...branchesOf(spec['steps'], states, ''), ...reply]
  const lines = drawn(steps, '')
  const width = Math.max(0, ...lines.map(({ lead }) => lead.length))
  return [name, ...lines.map(({ lead, note }) => (note === '' ? lead : `${lead.padEnd(width)}  ${note}`))]
    .map(line => `${line}\n`)
    .join('')
}

function drawn(branches: readonly Branch[], margin: string): readonly { lead: string; note: string }[] {
  return branches.flatMap(({ name, note, inside }, i) => {
    const isLast = i === branches.length - 1
    const below = drawn(inside, `${margin}${isLast ? '   ' : '│  '}`)
    return [{ lead: `${margin}${isLast ? '└─' : '├─'} ${name}`, note }, ...below]
  })
}

function branchesOf(steps: unknown, states: ReadonlyMap<string, string>, around: string): readonly Branch[] {
  return listOf(steps).map((step, i) => {
    const name = typeof step['name'] === 'string' ? step['name'] : `step-${i + 1}`
    const path = around === '' ? name : `${around}/${name}`
    const notes = [kindOf(step), whenOf(step), states.get(path) ?? '']
    return { name, note: notes.filter(text => text !== '').join('  '), inside: insideOf(step, states, path) }
  })
}

/** The choices or branches of a structured step. */
function insideOf(step: Fields, states: ReadonlyMap<string, string>, path: string): readonly Branch[] {
  const choices = listOf(step['switch'] ?? step['split'] ?? mapping(step['parallel'])['branches'])
  const inside = choices.map((choice, i) => {
    const name = typeof choice['name'] === 'string' ? choice['name'] : `choice-${i + 1}`
    const weight = choice['weight'] === undefined ? '' : `weight ${textOf(choice['weight'])}`
    const notes = [weight, whenOf(choice), targetOf(choice)].filter(text => text !== '')
    return { name, note: notes.join('  '), inside: branchesOf(choice['steps'], states, `${path}/${name}`) }
  })
  if (step['otherwise'] === undefined) return inside
  return [
    ...inside,
    { name: 'otherwise', note: '', inside: branchesOf(step['otherwise'], states, `${path}/otherwise`) }
  ]
}

function kindOf(step: Fields): string {
  if (step['switch'] !== undefined) return 'switch'
  if (step['split'] !== undefined) return 'split'
  if (step['transform'] !== undefined) return `transform ${textOf(step['transform'])}`
  if (step['pipeline'] !== undefined) return `pipeline ${textOf(step['pipeline'])}`
  if (step['window'] !== undefined) return 'window'
  if (isMapping(step['parallel'])) return `parallel, joined by ${textOf(step['parallel']['join'] ?? 'merge')}`
  return targetOf(step)
}

/** A scalar of a definition. */
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** Where a destination is. */
function targetOf(destination: Fields): string {
  if (typeof destination['uri'] === 'string') return destination['uri']
  if (isMapping(destination['ref']))
    return `${String(destination['ref']['kind'])} ${String(destination['ref']['name'])}`
  const { command } = mapping(destination['run'])
  return Array.isArray(command) ? `run ${command.join(' ')}` : ''
}

const whenOf = ({ when }: Fields): string =>
  when === undefined ? '' : `when ${typeof when === 'string' ? when : JSON.stringify(when)}`

/** By the path of a step, that it does not do well. */
function statesOf(steps: unknown): ReadonlyMap<string, string> {
  return new Map(
    listOf(steps).map(({ path, phase, breaker }) => {
      const notes = [phase === 'Running' ? '' : `[${String(phase)}]`, breaker === 'open' ? '[breaker open]' : '']
      return [String(path), notes.filter(text => text !== '').join(' ')]
    })
  )
}

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isMapping) : [])

const mapping = (value: unknown): Fields => (isMapping(value) ? value : {})
