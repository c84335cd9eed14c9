import { describe, expect, it } from 'vitest'
import { compileExpression, type Expression } from '../../src/pipeline/expression.ts'
import { Conduct } from '../../src/pipeline/expression/conduct.ts'
import { startTestGateway } from '../helpers/gateway.ts'

const endless = '($f := function($n){$f($n + 1)}; $f(0))'
const scope = { input: { data: { n: 2 } }, bindings: {}, size: 0, late: [], opaque: [] }
const valueOf = (expression: Expression, deadline = Infinity) => expression.value(scope, deadline)
const limit = expect.objectContaining({ code: 'EXPRESSION_LIMIT' }) as Error

describe('an expression that takes long', () => {
  it('does not hold the event loop up', async () => {
    await using gateway = await startTestGateway({ steps: [{ transform: endless }] })
    const callers = Array.from({ length: 20 }, () => gateway.post('{}'))
    const before = process.threadCpuUsage()
    for (const caller of callers) expect(await (await caller).json()).toMatchObject({ code: 'EXPRESSION_LIMIT' })
    const { user, system } = process.threadCpuUsage(before)
    // A request costs some milliseconds of a busy machine here; each of these took fifty.
    expect((user + system) / 1000 / callers.length).toBeLessThan(25)
  })

  it('lets the others have their turn, however often it is called', async () => {
    const bad = compileExpression(endless)
    let pending = 0
    const calls = Array.from({ length: 10 }, async () => {
      pending++
      await expect(valueOf(bad)).rejects.toThrow(limit)
      pending--
    })
    const honest = await valueOf(compileExpression('$map([1..3], function($i){$i * data.n})'))
    expect([honest.kind === 'json' && Buffer.from(honest.octets).toString(), pending > 7]).toEqual(['[2,4,6]', true])
    await Promise.all(calls)
  })

  it('is not waited for beyond the deadline of a request that it holds up', async () => {
    const bad = compileExpression(endless)
    const first = Array.from({ length: 5 }, () => valueOf(bad).catch((error: unknown) => error))
    await expect(valueOf(bad, performance.now() + 20)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect(await Promise.all(first)).toEqual(first.map(() => limit))
  })

  it('counts the making of its result: one object that is shared half a million times', async () => {
    const shared = '($f := function($o, $n){$n = 0 ? $o : $f({"a": $o, "b": $o}, $n - 1)}; $f({}, 19))'
    const expression = compileExpression(shared)
    await valueOf(expression).catch(() => undefined)
    const before = process.threadCpuUsage()
    await expect(valueOf(expression)).rejects.toThrow(limit)
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(25)
  })
})

describe('a regular expression in a plain condition', () => {
  it.each(['data.text ~> /^a.*z$/', '$match(data.text, /a(b)/).groups[0] = "b"', '$contains(data.text, /B/i)'])(
    'runs on the event loop, as its engine is linear: %s',
    async source => {
      const expression = compileExpression(source)
      // In a thread it could not be true before the next turn of the event loop.
      let turned = false
      setImmediate(() => (turned = true))
      expect(await expression.truth({ ...scope, input: { data: { text: 'abz' } } }, Infinity)).toBe(true)
      expect(turned).toBe(false)
    }
  )
})

describe('the conduct of an expression', () => {
  it('sends it to the next lane when it overran its own, and back when it has been quick for a while', () => {
    const conduct = new Conduct('direct')
    conduct.overran('direct')
    expect(conduct.lane).toBe('brisk')
    conduct.overran('brisk')
    expect(conduct.lane).toBe('patient')
    for (let run = 0; run < 15; run++) conduct.took(0.1)
    conduct.took(40)
    expect(conduct.lane).toBe('patient')
    for (let run = 0; run < 32; run++) conduct.took(0.1)
    expect(conduct.lane).toBe('direct')
  })

  it('never sends it where it may not run', () => {
    const conduct = new Conduct('brisk')
    for (let run = 0; run < 100; run++) conduct.took(0.1)
    expect(conduct.lane).toBe('brisk')
  })
})
