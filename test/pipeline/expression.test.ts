import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../src/pipeline/expression.ts'
import { startProcess } from '../helpers/process.ts'

const evaluate = (source: string, input: unknown = {}, bindings: Record<string, unknown> = {}): Promise<unknown> =>
  compileExpression(source).evaluate(input, bindings)

const failure = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string }) as Error

describe('an expression', () => {
  it.each([
    ['data.score > 0.5', { data: { score: 0.7 } }, true],
    [
      'data.items[score > 0.5].id',
      {
        data: {
          items: [
            { id: 1, score: 0.9 },
            { id: 2, score: 0.1 }
          ]
        }
      },
      1
    ],
    ['$uppercase(data.text) & "!"', { data: { text: 'hey' } }, 'HEY!'],
    ['$map(data.words, $length)', { data: { words: ['a', 'bb'] } }, [1, 2]],
    ['$sort(data.numbers)', { data: { numbers: [3, 1, 2] } }, [1, 2, 3]],
    ['$replace(data.text, /(\\w+)@\\w+/, "$1@…")', { data: { text: 'jo@home, al@work' } }, 'jo@…, al@…'],
    ['$match(data.text, /^a/i).index', { data: { text: 'AAA' } }, 0],
    ['$base64encode(data.text)', { data: { text: 'hey' } }, 'aGV5'],
    ['$join(data.words, "-")', { data: { words: ['a', 'b'] } }, 'a-b'],
    ['$pad(data.text, -3, "0")', { data: { text: '7' } }, '007'],
    ['data.missing', { data: {} }, undefined],
    ['data.missing ?? "default"', { data: {} }, 'default']
  ])('%s is evaluated as JSONata', async (source, input, value) => {
    expect(await evaluate(source, input)).toEqual(value)
  })

  it('sees the original event and the replies of earlier steps', async () => {
    const bindings = { request: { id: 'r' }, steps: { filter: { data: { ok: true } } } }
    expect(await evaluate('[$request.id, $steps.filter.data.ok]', {}, bindings)).toEqual(['r', true])
  })

  it('gives plain JSON, without the marks and the functions of JSONata', async () => {
    const ids = await evaluate('data.items.id', { data: { items: [{ id: 1 }, { id: 2 }] } })
    expect(Object.getOwnPropertyNames(ids)).toEqual(['0', '1', 'length'])
    expect(await evaluate('{"sum": $sum, "own": function($x){$x}, "list": [$sum, 1 / 0]}')).toEqual({
      list: [null, null]
    })
    expect(await evaluate('function($x){$x}')).toBeUndefined()
  })

  it('costs little as long as it never runs', async () => {
    const script = `
      import { compileExpression } from './src/pipeline/expression.ts'
      const source = i => 'data.score > ' + i + ' and $contains(data.text, "a") or $map(data.items, function($x){$x.id = 1})'
      compileExpression(source(0))
      const used = () => (gc(), process.memoryUsage().heapUsed)
      const before = used()
      const expressions = Array.from({ length: 1000 }, (_, i) => compileExpression(source(i)))
      console.log((used() - before) / expressions.length)`
    await using child = await startProcess(process.execPath, ['--expose-gc', '--input-type=module', '-e', script])
    await child.exit
    expect([child.output.stderr, Number(child.output.stdout) < 4096]).toEqual(['', true])
  })

  it('gives a copy: changing it leaves the input as it is', async () => {
    const input = { data: { label: 'spam' } }
    Object.assign((await evaluate('data', input)) as object, { label: 'ham' })
    expect(input.data.label).toBe('spam')
  })

  it('can be evaluated again and at the same time, each for its own input', async () => {
    const direct = compileExpression('data.n * 2')
    const watched = compileExpression('$map([data.n], function($n){$n * 2})')
    const inputs = Array.from({ length: 50 }, (_, n) => n)
    const all = (expression: typeof direct) => Promise.all(inputs.map(n => expression.evaluate({ data: { n } }, {})))
    const doubled = inputs.map(n => n * 2)
    expect(await Promise.all([all(direct), all(watched)])).toEqual([doubled, doubled])
  })

  it('is not stopped for the time that others take', async () => {
    const expression = compileExpression('$count(data[id > 10])')
    const data = Array.from({ length: 200 }, (_, id) => ({ id }))
    const counts = await Promise.all(Array.from({ length: 500 }, () => expression.evaluate({ data }, {})))
    expect(new Set(counts)).toEqual(new Set([189]))
  })

  it('works again after it was stopped', async () => {
    const expression = compileExpression('$distinct(data)')
    const many = Array.from({ length: 50_000 }, (_, id) => ({ id }))
    await expect(expression.evaluate({ data: many }, {})).rejects.toThrow(failure('EXPRESSION_LIMIT', '50 ms'))
    expect(await expression.evaluate({ data: [1, 1] }, {})).toEqual([1])
  })
})

describe('loading an expression', () => {
  it.each([
    ['data.label =', 'Unexpected end of expression at character 12'],
    ['data.(', 'Expected ")" before end of expression at character 6'],
    ['/a', 'No terminating / in regular expression at character 2']
  ])('fails for %s, and says where', (source, message) => {
    expect(() => compileExpression(source)).toThrow(new Error(message))
  })

  it.each(['$match(data, /(?<=a)b/)', '$match(data, /(a)\\1/)', '($f := function(){$match(data, /(?!a)/)}; 1)'])(
    'fails for a regular expression that does not run in linear time: %s',
    source => {
      expect(() => compileExpression(source)).toThrow(/regex|Perl|escape|parsing/)
    }
  )

  it.each([
    ['that is a program', `"${'x'.repeat(10_000)}"`, 'longer than 10000 characters'],
    ['with defaults within defaults', `${'('.repeat(40)}x${' ?? 1)'.repeat(40)}`, 'more than 12 of the operators'],
    ['nested without end', '('.repeat(9_999), 'call stack']
  ])('refuses one %s', (_name, source, message) => {
    expect(() => compileExpression(source)).toThrow(message)
  })
})

describe('a failing expression', () => {
  it('names what went wrong and where', async () => {
    await expect(evaluate('data.text + 1', { data: { text: 'a' } })).rejects.toThrow(
      failure('EXPRESSION_FAILED', 'The left side of the "+" operator must evaluate to a number at character 11')
    )
  })

  it.each(['$number(data)', 'data < 3', '{data.x: 1, "a": {1: 2}}', '$toMillis(data)', '-data', '$encodeUrl(data)'])(
    'does not tell the payload: %s',
    async source => {
      const thrown: unknown = await evaluate(source, { data: 'top secret \uD800' }).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'EXPRESSION_FAILED' })
      expect(String(thrown)).not.toContain('secret')
    }
  )

  // These end in an error of the language, or of the engine for regular expressions, that quotes the value or the code.
  it.each([
    'data ~> |text|{"x": 1}|',
    '$reduce(data.text, /a/, data.text)',
    '($f := data.text; $f(1))',
    '$map([1], data.text)',
    '$map([1], data.lambda)',
    '($f := data.native; $f(1))',
    'data.text < {"a": 1}',
    '[data.text, 1]^($)'
  ])('tells neither the payload nor the inside of JSONata: %s', async source => {
    const data = {
      text: ['top secret'],
      lambda: { _jsonata_lambda: true, arguments: ['x'], environment: {}, body: {} },
      native: { _jsonata_function: true, implementation: {} }
    }
    const thrown: unknown = await evaluate(source, { data }).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'EXPRESSION_FAILED' })
    expect(String(thrown)).not.toMatch(/secret|environment|implementation|is not a function/)
  })

  it('says what the expression itself gives to $error and $assert', async () => {
    await expect(evaluate('$error("no text")')).rejects.toThrow(failure('EXPRESSION_FAILED', 'no text at character 7'))
    await expect(evaluate('$assert(false, "no score")')).rejects.toThrow(failure('EXPRESSION_FAILED', 'no score'))
  })

  it('cannot compile what a request brings', async () => {
    await expect(evaluate('$eval(data)', { data: '1 + 1' })).rejects.toThrow(
      failure('EXPRESSION_FAILED', '$eval is not available')
    )
  })
})

describe('names of the language prototypes', () => {
  it.each(['data.__proto__', 'data.constructor', 'data.toString', '$lookup(data, "__proto__")', '$.constructor.name'])(
    'are absent unless the data has them: %s',
    async source => {
      expect(await evaluate(source, { data: {} })).toBeUndefined()
    }
  )

  it('are data where the data has them, and pollute nothing', async () => {
    const data: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')
    for (const source of [
      'data',
      '$merge([data])',
      'data ~> |$|{"x": 1}|',
      '$each(data, function($v, $k){{$k: $v}})'
    ]) {
      expect(JSON.stringify(await evaluate(source, { data }))).toContain('"__proto__":{"polluted":1}')
    }
    await evaluate('data ~> |$|{"__proto__": {"polluted": 1}}|', { data: {} })
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('and marks of JSONata in the data call nothing', async () => {
    const thunk = { _jsonata_lambda: true, thunk: true, body: { procedure: { type: 'variable', value: 'now' } } }
    await expect(evaluate('$lookup(data, "f")', { data: { f: thunk } })).rejects.toThrow(
      failure('EXPRESSION_FAILED', '')
    )
  })
})
