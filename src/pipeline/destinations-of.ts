import type { Destination } from './destination.ts'
import { ownEntry, type CallStep, type Node } from './node.ts'
import type { OnFailure } from './on-failure.ts'

/** A destination, and who calls it. */
export interface Called {
  readonly sender: string
  readonly destination: Destination
}

/** Whatever a node may call: its own destination, those beside it, its sink and its fallbacks. */
export function destinationsOf(node: Node): Called[] {
  const name = node.kind === 'reply' ? 'the reply destination' : `step "${node.name}"`
  const { deadLetterSink } = node.delivery
  return [
    ...('destination' in node ? [{ sender: name, destination: node.destination }] : []),
    ...(node.kind === 'call' ? besidesOf(node, name) : []),
    ...(deadLetterSink === undefined
      ? []
      : [{ sender: `the dead letter sink of ${name}`, destination: deadLetterSink }]),
    ...(node.kind === 'reply' ? [] : fallbacksOf(node.onFailure)).map(destination => ({
      sender: `the fallback of ${name}`,
      destination
    }))
  ]
}

const besidesOf = ({ traffic, mirror }: CallStep, name: string): Called[] => [
  ...traffic
    .filter(entry => entry.name !== ownEntry)
    .map(({ name: entry, destination }) => ({ sender: `the entry "${entry}" of ${name}`, destination })),
  ...(mirror === undefined ? [] : [{ sender: `the mirror of ${name}`, destination: mirror.destination }])
]

const fallbacksOf = (means: OnFailure): Destination[] =>
  means.kind === 'fallback'
    ? means.fallbacks.flatMap(fallback => (fallback.kind === 'destination' ? [fallback.destination] : []))
    : []
