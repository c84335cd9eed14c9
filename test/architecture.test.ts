import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The composition root ties these together, on one page and in parts. */
const everyRoom = [
  'config.ts',
  'ingress',
  'admin',
  'control',
  'stored',
  'kubernetes',
  'mover',
  'replay',
  'ledger',
  'delivery',
  'sources',
  'sinks',
  'redis',
  'runner',
  'access',
  'secrets',
  'workers',
  'http',
  'telemetry',
  'pipeline',
  'event',
  'errors.ts'
]

/** Each room may import these, beside itself. Anything not in this table is a mistake or a new row with a reason. */
const mayImport: Record<string, readonly string[]> = {
  'main.ts': ['cli', 'own-modules.ts'],
  'worker.ts': ['cli', 'own-modules.ts'],
  cli: [
    'own-files.ts',
    'kubernetes',
    'ledger',
    'config.ts',
    'gateway.ts',
    'gateway',
    'workers',
    'control',
    'convert',
    'pipeline',
    'event',
    'telemetry',
    'http',
    'errors.ts'
  ],
  'gateway.ts': ['gateway', ...everyRoom],
  gateway: ['flow', 'gateway.ts', ...everyRoom],
  'config.ts': ['config', 'access', 'delivery', 'http', 'pipeline', 'telemetry'],
  config: ['pipeline', 'delivery'],
  ingress: ['access', 'flow', 'stored', 'mover', 'ledger', 'http', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  admin: ['convert', 'mover', 'replay', 'ledger', 'http', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  convert: ['pipeline', 'errors.ts'],
  control: ['growing-delay.ts', 'event', 'flow', 'ledger', 'pipeline', 'telemetry', 'errors.ts'],
  stored: ['access', 'flow', 'mover', 'ledger', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  mover: ['flow', 'delivery', 'ledger', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  replay: ['mover', 'delivery', 'ledger', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  flow: ['delivery', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  // Where a pipeline that nobody calls reads and writes.
  sources: [
    'node-http.ts',
    'stored',
    'flow',
    'ledger',
    'redis',
    'delivery',
    'event',
    'pipeline',
    'telemetry',
    'errors.ts'
  ],
  sinks: ['redis', 'event', 'telemetry', 'errors.ts'],
  delivery: ['secrets', 'sinks', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  // They are told values of headers that Kubernetes has.
  workers: [
    'secrets',
    'own-files.ts',
    'config.ts',
    'control',
    'runner',
    'delivery',
    'flow',
    'mover',
    'ledger',
    'pipeline',
    'telemetry',
    'errors.ts'
  ],
  runner: ['node-http.ts', 'delivery', 'pipeline', 'telemetry', 'errors.ts'],
  kubernetes: ['growing-delay.ts', 'control', 'secrets', 'pipeline', 'telemetry', 'errors.ts'],
  ledger: ['own-files.ts', 'redis', 'event', 'pipeline', 'telemetry', 'errors.ts'],
  http: ['node-http.ts', 'secrets', 'event', 'errors.ts'],
  telemetry: ['own-files.ts', 'event', 'errors.ts'],
  access: ['secrets', 'pipeline', 'telemetry', 'errors.ts'],
  secrets: ['pipeline'],
  pipeline: ['own-files.ts', 'errors.ts'],
  event: ['errors.ts'],
  redis: ['errors.ts'],
  'errors.ts': [],
  'own-files.ts': [],
  'own-modules.ts': [],
  'growing-delay.ts': [],
  'node-http.ts': []
}

const files = globSync('src/**/*.ts').map(file => file.slice('src/'.length))
const roomOf = (file: string): string => file.split('/')[0] ?? ''

const importsOf = (file: string): string[] => pathsIn(file, readFileSync(join('src', file), 'utf8'))

/** Without those that are for types alone, which are gone when the file runs. */
const valueImportsOf = (file: string): string[] =>
  pathsIn(file, readFileSync(join('src', file), 'utf8').replaceAll(/^(?:import|export) type [^;]*?from '[^']+'/gm, ''))

function pathsIn(file: string, text: string): string[] {
  const relative = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match => match[1] ?? '')
  return relative.map(path => normalize(join(dirname(file), path)))
}

/** The circles that a walk along the imports comes upon, each as the files that it goes through. */
function circlesAmong(all: readonly string[]): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file])
    if (done.has(file) || way.includes(file)) return
    for (const imported of importsOf(file)) visit(imported, [...way, file])
    done.add(file)
  }
  for (const file of all) visit(file, [])
  return circles
}

describe('imports', () => {
  it.each(Object.keys(mayImport))('%s imports only what its row allows', room => {
    const allowed = new Set([room, ...(mayImport[room] ?? [])])
    const wrong = files
      .filter(file => roomOf(file) === room)
      .flatMap(file => importsOf(file).map(imported => ({ file, imported })))
      .filter(({ imported }) => !allowed.has(roomOf(imported)))
    expect(wrong).toEqual([])
  })

  it('never go in a circle, not even those of types', () => {
    expect(circlesAmong(files)).toEqual([])
  })

  it('know every room', () => {
    expect([...new Set(files.map(roomOf))].filter(room => !(room in mayImport))).toEqual([])
  })
})

describe("the folder of the store's thread", () => {
  /** Looks at a file that nothing serves from, in its own process. */
  const examines = 'ledger/sqlite/examine-sqlite.ts'

  it('gives others only its types', () => {
    const inside = (file: string): boolean => file.startsWith('ledger/sqlite/thread/')
    const outside = files.filter(file => !inside(file) && file !== examines)
    expect(outside.filter(file => valueImportsOf(file).some(inside))).toEqual([])
  })
})

describe('kubernetes', () => {
  it('has gateway and controller know the cluster, and not each other', () => {
    const mayKnow: Record<string, readonly string[]> = {
      client: ['client'],
      cluster: ['cluster', 'client'],
      source: ['source', 'cluster', 'client'],
      controller: ['controller', 'cluster', 'client']
    }
    const partOf = (file: string): string => /^kubernetes\/(\w+)\//.exec(file)?.[1] ?? ''
    const wrong = files.flatMap(file =>
      importsOf(file)
        .filter(imported => partOf(imported) !== '' && mayKnow[partOf(file)]?.includes(partOf(imported)) === false)
        .map(imported => ({ file, imported }))
    )
    expect(wrong).toEqual([])
  })
})

describe('src', () => {
  it('has no barrels, catch-alls or default exports', () => {
    expect(files.filter(file => /(^|\/)(index|types|utils)(\.ts|\/)/.test(file))).toEqual([])
    expect(files.filter(file => /^export default/m.test(readFileSync(join('src', file), 'utf8')))).toEqual([])
  })

  it('has the files that its README names', () => {
    const named = [...readFileSync('src/README.md', 'utf8').matchAll(/`((?!test\/)[\w/.-]+\.ts)`/g)].map(
      match => match[1] ?? ''
    )
    const isThere = (name: string): boolean => files.some(file => file === name || file.endsWith(`/${name}`))
    expect(named.filter(name => !isThere(name))).toEqual([])
  })

  it('has a number of its own for each decision', () => {
    const numbers = globSync('src/decisions/*.md').map(file => /(\d{4})-/.exec(file)?.[1])
    expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([])
  })

  it('reads the environment in config.ts alone', () => {
    const readers = files.filter(file =>
      /process\.env\b|\benv\b.*= process\b/.test(readFileSync(join('src', file), 'utf8'))
    )
    expect(readers).toEqual(['config.ts'])
  })
})

it('each comment has an actor in front: none begins with What or Who, unless it asks', () => {
  const begins = /^\s*(?:\/\*\*|\*|\/\/) (?:What|Who)\b[^?]*$/
  const lines = globSync('{src,test}/**/*.ts').flatMap(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap(line => (begins.test(line) ? [`${file}: ${line.trim()}`] : []))
  )
  expect(lines).toEqual([])
})
