import jsonata from 'jsonata'
import { expect, it } from 'vitest'

// `pipeline/expression/realm.ts` looks at each value on the way, and asks which limit was run into.
it('calls what is assigned to its symbol with the value of each part of an expression', async () => {
  const values: unknown[] = []
  const program = jsonata('$uppercase(a) & "!"')
  const hook = Symbol.for('jsonata.__evaluate_exit') as unknown as string
  program.assign(hook, (_node: unknown, _input: unknown, _environment: unknown, value: unknown) => values.push(value))
  expect(await program.evaluate({ a: 'x' })).toBe('X!')
  expect(values).toContain('x')
  expect(values).toContain('X')
  expect(values.at(-1)).toBe('X!')
})

it('says D1012 when its time is over, D1011 when it calls itself too often', async () => {
  const endless = jsonata('($f := function() { $f() }; $f())', { timeout: 20, stack: 1e9 })
  await expect(endless.evaluate({})).rejects.toMatchObject({ code: 'D1012' })
  const deep = jsonata('($f := function($n) { 1 + $f($n) }; $f(1))', { stack: 100, timeout: 10_000 })
  await expect(deep.evaluate({})).rejects.toMatchObject({ code: 'D1011' })
})

it('makes regular expressions by the engine that it is given', async () => {
  const made: string[] = []
  class Engine extends RegExp {
    constructor(pattern: RegExp | string, flags?: string) {
      super(pattern, flags)
      made.push(this.source)
    }
  }
  const program = jsonata('$contains("abc", /b+/)', { RegexEngine: Engine as RegExpConstructor })
  expect(await program.evaluate({})).toBe(true)
  expect(made).toContain('b+')
})
