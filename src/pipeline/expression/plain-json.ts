import { expressionLimits as limits } from './expression-limits.ts'

/**
 * A copy as JSON would carry it: JSONata marks its sequences with extra properties and hands out functions, and may
 * give one object thousands of times. Throws RangeError for a result that is too large or too deep.
 */
export function plainJson(value: unknown): unknown {
  return new PlainCopy().of(value)
}

/**
 * The JSON text of such a copy; `undefined`: there is none. A value without functions in it needs none, which is the
 * most of the time: an object of a hundred thousand members takes as long to copy as to parse.
 */
export function plainJsonText(value: unknown): string | undefined {
  return JSON.stringify(new Survey().isPlain(value) ? value : plainJson(value))
}

/** Looks for functions, within the limits of a copy. */
class Survey {
  #characters = 0
  #values = 0

  isPlain(value: unknown): boolean {
    if (++this.#values > limits.resultValues) throw new RangeError('the result has too many values')
    if (typeof value === 'string') {
      this.#characters += value.length
      if (this.#characters > limits.resultCharacters) throw new RangeError('the result has too many characters')
      return true
    }
    if (typeof value !== 'object' || value === null) return typeof value !== 'function'
    if (Array.isArray(value)) return value.every(item => this.isPlain(item))
    if (isFunction(value)) return false
    for (const name in value) if (!this.isPlain((value as Record<string, unknown>)[name])) return false
    return true
  }
}

class PlainCopy {
  #characters = 0
  #values = 0

  of(value: unknown): unknown {
    if (++this.#values > limits.resultValues) throw new RangeError('the result has too many values')
    if (typeof value === 'string') return this.#ofText(value)
    if (typeof value === 'number') return Number.isFinite(value) ? value : null
    if (typeof value === 'function') return undefined
    if (typeof value !== 'object' || value === null) return value
    return Array.isArray(value) ? value.map(item => this.of(item) ?? null) : this.#ofObject(value)
  }

  #ofText(text: string): string {
    this.#characters += text.length
    if (this.#characters > limits.resultCharacters) throw new RangeError('the result has too many characters')
    return text
  }

  #ofObject(object: object): unknown {
    if (isFunction(object)) return undefined
    const copy: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(object)) {
      const value = this.of(member)
      if (value === undefined) continue
      if (name === '__proto__') Object.defineProperty(copy, name, { value, ...ordinary })
      else copy[name] = value
    }
    return copy
  }
}

/** A property like any other, even where an assignment would change the prototype. */
const ordinary = { enumerable: true, configurable: true, writable: true }

/** JSONata's own representation of functions, which hold the whole environment of the expression. */
export const isFunction = (object: object): boolean =>
  Object.hasOwn(object, '_jsonata_lambda') || Object.hasOwn(object, '_jsonata_function')
