import { describe, expect, it } from 'vitest'
import { compile } from '../../src/pipeline/compile.ts'
import { fillIn } from '../../src/pipeline/environment.ts'
import { formatFault } from '../../src/pipeline/fault.ts'
import { readPipelines } from '../../src/pipeline/read-pipelines.ts'
import { secretVariables } from '../../src/pipeline/secret-variables.ts'
import { aDefinition } from './a-definition.ts'

const environment = { HOST_NAME: 'models.test', EMPTY: '', KEY: 'k-1', BROKEN: 'a\nb' }

describe('a reference to the environment', () => {
  it.each([
    ['http://${HOST_NAME}/x', 'http://models.test/x'],
    ['${EMPTY}|${KEY}', '|k-1'],
    ['${NOWHERE:-http://localhost:1}/${EMPTY:-e}', 'http://localhost:1/e'],
    ['$${KEY} $${ ${1} ${a b} $KEY ${KEY', '${KEY} ${ ${1} ${a b} $KEY ${KEY'],
    ['${NOWHERE:-}', ''],
    ['${constructor:-safe}', 'safe']
  ])('makes of %s %s', (text, filled) => {
    expect(fillIn(text, environment)).toEqual({ text: filled, unset: [] })
  })

  it('names what is not set', () => {
    expect(fillIn('${A}${KEY}${B}', environment)).toEqual({ text: '${A}k-1${B}', unset: ['A', 'B'] })
  })
})

const spec = `
  reply: {uri: "http://\${HOST_NAME}/reply"}
  delivery: {deadLetterSink: {uri: "http://x", headers: {x-key: "\${KEY}"}}}
  steps:
    - uri: "http://\${HOST_NAME}/\${KEY}"
      headers: {authorization: {file: "\${KEY}.txt", prefix: "Bearer \${KEY} "}}
      onFailure: {fallback: {data: {uri: "\${NOWHERE}"}}}
    - run: {command: [serve, "\${KEY}"], env: {A: "\${KEY}"}, cwd: "\${HOST_NAME}"}
    - transform: '"\${KEY}"'`

describe('a definition with references', () => {
  const text = aDefinition('a', spec)
  const read = readPipelines([{ file: 'a.yaml', text }], environment)

  it('is filled in when it is compiled, and kept as it was written', () => {
    expect(read.faults).toEqual([])
    const definition = read.wholes[0]?.definition
    if (definition === undefined) throw new Error('no pipeline')
    const plan = compile(definition, { baseDir: '/base', resolve: new Map(), environment })
    expect(plan.reply?.destination).toMatchObject({ url: 'http://models.test/reply' })
    expect(plan.flow[0]).toMatchObject({
      onFailure: { kind: 'fallback', fallbacks: [{ kind: 'data' }] },
      delivery: { deadLetterSink: { headers: [{ name: 'x-key', source: { kind: 'text', text: '${KEY}' } }] } },
      destination: {
        url: 'http://models.test/k-1',
        headers: [{ source: { kind: 'file', path: '/base/k-1.txt', prefix: 'Bearer ${KEY} ' } }]
      }
    })
    expect(plan.flow[1]).toMatchObject({
      destination: { process: { command: ['serve', 'k-1'], env: { A: 'k-1' }, cwd: '/base/models.test' } }
    })
    expect(plan.flow[2]).toMatchObject({ transform: { source: '"${KEY}"' } })
    expect(JSON.stringify(plan.definition)).not.toMatch(/k-1|models\.test/)
  })

  it('is text where nobody serves it', () => {
    expect(readPipelines([{ file: 'a.yaml', text }]).faults).toEqual([])
  })

  it.each([
    [
      '{steps: [{uri: "http://${NO}/${KEY}"}]}',
      '4:22 spec.steps[0].uri: the environment variable NO is not set; set it, or write ${NO:-VALUE}'
    ],
    [
      '{steps: [{uri: "${KEY}"}]}',
      '4:22 spec.steps[0].uri: must be an absolute http or https URL with its variables filled in'
    ],
    ['{steps: [{uri: "http://${KEY}@x"}]}', '4:22 spec.steps[0].uri: must not contain a user name or a password'],
    [
      '{steps: [{uri: "http://x", CACerts: "${KEY}"}]}',
      '4:43 spec.steps[0].CACerts: must be certificates in PEM with its variables filled in'
    ],
    [
      '{steps: [{uri: "http://x", headers: {a: "${BROKEN}"}}]}',
      '4:47 spec.steps[0].headers.a: must not contain a line break, and does with its variables filled in'
    ],
    [
      '{steps: [{uri: "http://x", headers: {a: {env: NO, prefix: "${NO}"}}}]}',
      '4:65 spec.steps[0].headers.a.prefix: the environment variable NO is not set; set it, or write ${NO:-VALUE}'
    ],
    [
      '{steps: [{uri: "http://x", headers: {a: {secretKeyRef: {name: s, key: k}}}}]}',
      '4:48 spec.steps[0].headers.a.secretKeyRef: is read on Kubernetes, and this gateway runs elsewhere; write {env: NAME} or {file: PATH}'
    ],
    [
      '{steps: [{run: {command: [a, "${PORT}"]}}]}',
      '4:36 spec.steps[0].run.command[1]: the environment variable PORT is not set; the process has it in its environment: let a shell read it as $PORT, or write $${PORT} for a literal one'
    ]
  ])('has faults with their places, and no values: %s', (written, fault) => {
    const { faults } = readPipelines([{ file: 'a.yaml', text: aDefinition('a', written) }], environment)
    expect(faults.map(formatFault)).toEqual([`a.yaml:${fault}`])
  })
})

it('knows which variables are secrets: those of headers and of queries', () => {
  const steps = [
    { uri: 'http://${A}/?key=${B}', headers: { x: { env: 'C', prefix: '${D}' }, y: '${E} $${F}' } },
    {
      run: { command: ['${G}'], env: { H: '${H}' } },
      onFailure: { fallback: { uri: 'http://x', headers: { x: { env: 'I' } } } }
    }
  ]
  expect(secretVariables({ headers: { propagate: ['x'] }, steps }).toSorted()).toEqual(['B', 'C', 'D', 'E', 'I'])
})
