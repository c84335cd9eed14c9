import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../src/pipeline/expression.ts'

const failure = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string }) as Error

describe('a hostile expression or payload', () => {
  const text = `${'a'.repeat(2 ** 20)}!`
  const items = Array.from({ length: 50_000 }, (_, id) => ({ id, name: `name-${id}` }))
  const input = {
    data: { text, items, separator: 'x'.repeat(100_000), parts: items.map(() => ''), words: `${'one '.repeat(2000)}!` }
  }

  /** Warm: what is compared with the clock is the running, not the loading. */
  const stopped = async (source: string): Promise<number> => {
    const expression = compileExpression(source)
    await expression.evaluate({ data: {} }, {}).catch(() => undefined)
    const before = process.threadCpuUsage()
    await expect(expression.evaluate(input, {})).rejects.toThrow(failure('EXPRESSION_LIMIT', ''))
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1000
  }

  it.each([
    ['calls itself without end', '($f := function($n){$f($n + 1)}; $f(0))'],
    ['calls itself too deep', '($f := function($n){1 + $f($n + 1)}; $f(0))'],
    ['calls itself by another name', '(function($f){$f($f)})(function($f){$f($f)})'],
    ['makes a long range', '[1..10000000]'],
    ['makes a range for each of a range', '[1..2000].([1..2000].($ + 1))'],
    ['multiplies its input', '[1..99999].$$.data.items'],
    ['compares all with all', 'data.items[$$.data.items[id = 1].id = id]'],
    ['compares all with all within one function', '$distinct(data.items)'],
    ['sorts slowly', '$sort(data.items, function($a, $b){$a.name > $b.name})'],
    ['walks everything again and again', '**.**'],
    ['backtracks', '$match(data.text, /(a|aa)+$/)'],
    ['replaces a million times', '$replace(data.text, /a/, "$0$0$0")'],
    ['splits a text to its letters', '$split(data.text, "")'],
    ['doubles a text by replacing', '$replace(data.text, "a", data.text)'],
    ['spreads everything', '$spread(data.items)'],
    ['sorts by a key', 'data.items^(name)'],
    ['groups by a key', 'data.items{name: $sum(id)}'],
    ['formats a number by a long picture', '$formatNumber(1, data.text)'],
    ['formats a huge Roman number', '$formatInteger(1e15, "I")'],
    ['formats a date with a huge width', '$fromMillis(1, "[Y0001,*-1000000000]")'],
    ['formats a date in many groups', '$fromMillis(1, "[Y,9999999-9999999]")'],
    ['reads a date by a long picture', '$toMillis(data.text, $join([1..2000].("[Yw]")))'],
    ['reads a date that fits in many ways', '$toMillis(data.words, "[Yw][Mw][Dw]")'],
    ['doubles a text', '$reduce([1..28], function($a, $b){$a & $a}, "x") ~> $length'],
    ['joins to half a gigabyte', '$join(data.parts, data.separator)'],
    ['doubles an object as its result', '$reduce([1..28], function($a, $b){{"a": $a, "b": $a}}, 1)'],
    ['doubles an object within', '$string($reduce([1..40], function($a, $b){{"a": $a, "b": $a}}, 1))'],
    ['gives the data very often', '$map([1..10], function(){[1..2].($$.data.text)})']
  ])('is stopped when it %s', async (_name, source) => {
    // Far more than 50 ms, as a machine may be slow; without a limit each of these takes seconds, or for ever.
    expect(await stopped(source)).toBeLessThan(2000)
  })

  it.each([
    ['$pad("x", 1e9)', '$pad is limited'],
    ['$pad("x", -1e9)', '$pad is limited']
  ])('is refused when it asks for too much: %s', async (source, message) => {
    await expect(compileExpression(source).evaluate({}, {})).rejects.toThrow(failure('EXPRESSION_FAILED', message))
  })

  it('is not stopped for being large, only for taking long', async () => {
    expect(await compileExpression('$contains(data.text, /(x+x+)+y/)').evaluate(input, {})).toBe(false)
    expect(await compileExpression('$length(data.separator)').evaluate(input, {})).toBe(100_000)
  })
})
