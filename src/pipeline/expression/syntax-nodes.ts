/** Every object of a syntax tree once; parts of it may be shared. */
export function* syntaxNodes(root: object): Iterable<object> {
  const nodes = new Set([root])
  for (const node of nodes) {
    yield node
    for (const part of Object.values(node) as unknown[]) {
      if (typeof part === 'object' && part !== null) nodes.add(part)
    }
  }
}
