import { asBoolean, asInteger, asText } from './cast.ts'
import type { Evaluation } from './evaluation.ts'
import { charactersOf } from './like.ts'
import { greatestInteger, leastInteger, type Value, type ValueType } from './value.ts'

/** A built-in function. Its arguments are cast before it is called. */
export interface CesqlFunction {
  readonly parameters: readonly (ValueType | 'any')[]
  /** The type of any number of further arguments; `undefined`: it takes none. */
  readonly rest: ValueType | undefined
  readonly returns: ValueType
  call(values: readonly Value[], evaluation: Evaluation): Value
}

/** The function of that name, in capitals, that takes so many arguments. */
export const findFunction = (name: string, count: number): CesqlFunction | undefined =>
  builtIn.get(name)?.find(({ parameters, rest }) => {
    const { length } = parameters
    return count === length || (rest !== undefined && count > length)
  })

type Call = CesqlFunction['call']

const define = (
  returns: ValueType,
  parameters: CesqlFunction['parameters'],
  call: Call,
  rest?: ValueType
): CesqlFunction => ({ parameters, rest, returns, call })

const builtIn: ReadonlyMap<string, readonly CesqlFunction[]> = new Map([
  ['LENGTH', [define('integer', ['string'], ([text]) => charactersOf(String(text)).length)]],
  ['CONCAT', [define('string', [], values => values.join(''), 'string')]],
  ['CONCAT_WS', [define('string', ['string'], ([by, ...values]) => values.join(String(by)), 'string')]],
  ['LOWER', [define('string', ['string'], ([text]) => String(text).toLowerCase())]],
  ['UPPER', [define('string', ['string'], ([text]) => String(text).toUpperCase())]],
  ['TRIM', [define('string', ['string'], ([text]) => trim(String(text)))]],
  ['LEFT', [define('string', ['string', 'integer'], (values, evaluation) => side('LEFT', values, evaluation))]],
  ['RIGHT', [define('string', ['string', 'integer'], (values, evaluation) => side('RIGHT', values, evaluation))]],
  [
    'SUBSTRING',
    [define('string', ['string', 'integer'], substring), define('string', ['string', 'integer', 'integer'], substring)]
  ],
  ['ABS', [define('integer', ['integer'], ([value], evaluation) => abs(Number(value), evaluation))]],
  ['INT', [define('integer', ['any'], ([value = 0], evaluation) => asInteger(value, evaluation))]],
  ['BOOL', [define('boolean', ['any'], ([value = false], evaluation) => asBoolean(value, evaluation))]],
  ['STRING', [define('string', ['any'], ([value = '']) => asText(value))]]
])

/** White space as Unicode has it, which is not what JavaScript trims. */
const isSpace = (character: string | undefined): boolean =>
  character !== undefined && /^\p{White_Space}$/u.test(character)

/** No expression does this, since one would look at each run of spaces again from each of its characters. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text[start])) start++
  while (end > start && isSpace(text[end - 1])) end--
  return text.slice(start, end)
}

function side(name: 'LEFT' | 'RIGHT', [text, length]: readonly Value[], evaluation: Evaluation): string {
  const whole = String(text)
  const wanted = Number(length)
  if (wanted < 0) return evaluation.fail('functionEvaluation', `${name} is asked for a negative length`, whole)
  const characters = charactersOf(whole)
  if (characters.length <= wanted) return whole
  const skipped = characters.length - wanted
  return joined(name === 'LEFT' ? characters.slice(0, wanted) : characters.slice(skipped))
}

function substring([text, position, length]: readonly Value[], evaluation: Evaluation): string {
  const characters = charactersOf(String(text))
  const from = Number(position)
  if (Math.abs(from) > characters.length)
    return evaluation.fail('functionEvaluation', 'SUBSTRING is asked for a position beyond the text', '')
  if (length !== undefined && Number(length) < 0)
    return evaluation.fail('functionEvaluation', 'SUBSTRING is asked for a negative length', '')
  if (from === 0) return ''
  const start = from > 0 ? from - 1 : characters.length + from
  return joined(characters.slice(start, length === undefined ? undefined : start + Number(length)))
}

const joined = (characters: string | readonly string[]): string =>
  typeof characters === 'string' ? characters : characters.join('')

const abs = (value: number, evaluation: Evaluation): number =>
  value === leastInteger
    ? evaluation.fail('math', 'the absolute value is beyond 32 bits', greatestInteger)
    : Math.abs(value)
